/** How this node is reached and reaches others beyond plain dialling. Each part is loaded when there is something for it to do. */
import type { CircuitRelayService } from "@libp2p/circuit-relay-v2";
import type { Connection, IdentifyResult, PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { DHT_PEERS_MIN_COUNT, DHT_PERIOD_MS, NAT_DIALLED_MAX_MS } from "../core/codec/limits.ts";
import type { Logger, Random, ReachInfo } from "../core/interfaces.ts";
import { isPublic, isRelayed } from "./addresses.ts";
import type { RoomTable } from "./dht.ts";
import { announceAnew, componentsOf, LateParts, restartDiscovery } from "./components.ts";
import { resumeGossip } from "./gossip.ts";
import type { HolePunch } from "./hole-punch.ts";
import type { Nat } from "./nat.ts";
import { networkMark, type ParleyNode } from "./libp2p-node.ts";
import { circuitsOf, type RelayLimits } from "./relay-limits.ts";
import type { Relays } from "./relays.ts";
import type { StunServer } from "./stun-server.ts";

const HOP_PROTOCOL = "/libp2p/circuit/relay/0.2.0/hop";
/** Whoever has this among its protocols answers STUN on the number of its TCP port. */
const STUN_PROTOCOL = "/parley/stun/1";
/** When gossip is looked after that lost one of two connections: at once, and again for what was still under way. */
const RESUME_GOSSIP_MS = [50, 1_000, 5_000];

/** The start comes first. */
const NAT_DELAY_MS = 3_000;
/** When it is looked whether the network has grown. */
const GROWTH_PERIOD_MS = 30_000;

/** What the type of the relay's service hides. */
type RelayInside = CircuitRelayService & {
  readonly reservationStore: { removeReservation(peerId: PeerId): void };
};

export interface ReachInit {
  readonly node: ParleyNode;
  readonly logger: Logger;
  readonly random: Random;
  readonly localOnly: boolean;
  /** This node is a relay, or one that others begin with: it is taken to be dialled at the addresses it has. */
  readonly serving: boolean;
  /** Bounds of the relay this node is; undefined: it is none. */
  readonly relay?: RelayLimits | undefined;
  /** Addresses a person has said this node is dialled at. */
  readonly announce: readonly string[];
  /** STUN servers ("stun:host:port") in place of the relays' own; empty: none at all. */
  readonly stun: readonly string[] | undefined;
  /** Whether to ask the router to forward a port. */
  readonly upnp: boolean;
  readonly networkName: string;
  /** Peers that are known. */
  readonly known: () => number;
  /** Another address has been found. */
  readonly found: (address: string) => void;
}

export class Reach {
  readonly #init: ReachInit;
  readonly #parts = new LateParts();
  #relays: Promise<Relays> | undefined;
  #loadedRelays: Relays | undefined;
  #holePunch: HolePunch | undefined;
  #webRtc: Promise<boolean> | undefined;
  #stunServer: StunServer | undefined;
  /** Relays that answer STUN, by peer. */
  readonly #stunRelays = new Map<string, string>();
  #webRtcMissing: string | undefined;
  #table: Promise<RoomTable> | undefined;
  #tableTimer: NodeJS.Timeout | undefined;
  #nat: Nat | undefined;
  /** When somebody last came in from outside; nobody has since the last change: undefined. */
  #dialledMs: number | undefined;
  #stopped = false;

  constructor(init: ReachInit) {
    this.#init = init;
  }

  /** The node listens now. */
  async started(): Promise<void> {
    const { node, serving } = this.#init;
    node.addEventListener("connection:open", ({ detail }) => this.#holePunch?.opened(detail));
    node.addEventListener("connection:close", ({ detail }) => this.#closed(detail));
    this.#believeOwnAddresses();
    // Who has just begun to send to us anew may have let go of what we sent on.
    node.services.pubsub.addEventListener("subscription-change", ({ detail }) =>
      this.#resumeGossip(detail.peerId),
    );
    if (serving) await this.#serveStun();
    this.#every(DHT_PERIOD_MS, GROWTH_PERIOD_MS, () => this.#tellTable());
    if (!this.#init.localOnly) setTimeout(() => void this.#watchNat(), NAT_DELAY_MS).unref();
  }

  /** Nobody could verify them for a node that serves, and a relay without an address keeps places that lead nowhere. */
  #believeOwnAddresses(): void {
    if (!this.#init.serving) return;
    const { addressManager } = componentsOf(this.#init.node);
    for (const { multiaddr, type } of addressManager.getAddressesWithMetadata())
      if (type === "transport" && isPublic(multiaddr))
        addressManager.confirmObservedAddr(multiaddr, { type: "transport" });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#tableTimer);
    this.#holePunch?.stop();
    this.#stunServer?.stop();
    this.#loadedRelays?.stop();
    await this.#parts.stop();
  }

  /** Loads what dialling these addresses takes. */
  async prepare(addresses: readonly Multiaddr[]): Promise<void> {
    if (addresses.some(isRelayed)) await this.#loadRelays();
  }

  connected(connection: Connection): void {
    if (isFromOutside(connection)) this.#dialledMs = performance.now();
  }

  /** A peer has said what it has and speaks. */
  identified({ connection, listenAddrs, protocols }: IdentifyResult): void {
    if (this.#stopped) return;
    const peerId = connection.remotePeer.toString();
    if (isRelayed(connection.remoteAddr)) {
      this.#dig().then(
        (holePunch) => holePunch?.identified(connection, listenAddrs, protocols),
        (error: unknown) => this.#init.logger.warn("no hole punching", { error: String(error) }),
      );
    } else if (protocols.includes(HOP_PROTOCOL)) {
      if (protocols.includes(STUN_PROTOCOL)) this.#stunRelays.set(peerId, stunAt(connection));
      this.#loadRelays().then(
        (relays) => relays.found(connection),
        (error: unknown) => this.#init.logger.warn("no relays", { error: String(error) }),
      );
    }
  }

  disconnected(peerId: PeerId): void {
    this.#stunRelays.delete(peerId.toString());
    this.#loadedRelays?.lost(peerId.toString());
    // The library would keep the place for its whole hour, and a relay be full of those who have gone.
    this.#relay?.reservationStore.removeReservation(peerId);
  }

  /** The machine has other addresses, or has slept. */
  moved(): void {
    const { node, localOnly, logger } = this.#init;
    this.#dialledMs = undefined;
    this.#nat?.moved();
    this.#believeOwnAddresses();
    announceAnew(node);
    this.#loadedRelays?.fill();
    if (localOnly) return;
    restartDiscovery(node).catch((error: unknown) =>
      logger.warn("no discovery on the LAN", { error: String(error) }),
    );
  }

  /** Which of several connections to a peer is used: the lowest. */
  rank(connection: Connection): number {
    if (isRelayed(connection.remoteAddr)) return 1;
    return this.#holePunch?.isProven(connection) === false ? 2 : 0;
  }

  info(): ReachInfo {
    const relays = this.#loadedRelays?.places() ?? [];
    const kind = this.#isPublic() ? "public" : relays.length > 0 ? "relayed" : "private";
    const missing = this.#webRtcMissing;
    return {
      kind,
      relays,
      serves: this.#serves(),
      ...(missing === undefined ? {} : { noHolePunching: missing }),
    };
  }

  /** Addresses of the internet are told only once a peer, the router or the person has vouched for them. */
  #isPublic(): boolean {
    const { announce, node } = this.#init;
    const vouched = node.getMultiaddrs().some((it) => isPublic(it) && !isRelayed(it));
    return announce.length > 0 || vouched || this.#wasDialled();
  }

  /** Somebody has come in from outside, and not long ago. */
  #wasDialled(): boolean {
    if (this.#dialledMs === undefined) return false;
    if (this.#init.node.getConnections().some(isFromOutside)) this.#dialledMs = performance.now();
    return performance.now() - this.#dialledMs < NAT_DIALLED_MAX_MS;
  }

  async #watchNat(): Promise<void> {
    if (this.#stopped) return;
    const { logger } = this.#init;
    const lost = (): void => {
      this.#dialledMs = undefined;
      this.#loadedRelays?.fill();
    };
    try {
      const { watchNat } = await import("./nat.ts");
      this.#nat = await watchNat({ ...this.#init, parts: this.#parts, lost });
    } catch (error) {
      logger.warn("the router is not asked", { error: String(error) });
    }
  }

  /** Says in which rooms this node is, and looks for others there, once the network is large enough for a table. */
  async #tellTable(): Promise<boolean> {
    const { known, node, logger, networkName, found } = this.#init;
    if (this.#table === undefined && known() < DHT_PEERS_MIN_COUNT) return false;
    const mark = networkMark(networkName);
    const { RoomTable } = await import("./dht.ts");
    this.#table ??= RoomTable.load({ node, parts: this.#parts, logger, mark, found });
    const table = await this.#table;
    for (const topic of node.services.pubsub.getTopics()) {
      if (this.#stopped) break;
      await table.provide(topic);
      await table.find(topic);
    }
    return true;
  }

  /** Again and again: soon while there is nothing to do yet, more rarely once there is. */
  #every(laterMs: number, soonMs: number, work: () => Promise<boolean>): void {
    const again = (delayMs: number): void => {
      if (this.#stopped) return;
      this.#tableTimer = setTimeout(() => {
        work().then(
          (done) => again(done ? laterMs : soonMs),
          (error: unknown) => {
            this.#init.logger.debug("the table of rooms", { error: String(error) });
            again(soonMs);
          },
        );
      }, delayMs).unref();
    };
    again(soonMs);
  }

  #serves(): ReachInfo["serves"] {
    const { node, relay } = this.#init;
    if (relay === undefined) return null;
    const { reservations } = this.#relay as RelayInside;
    const circuits = circuitsOf(node.getConnections());
    return { places: reservations.size, placesMax: relay.reservations, circuits };
  }

  get #relay(): RelayInside | undefined {
    return (this.#init.node.services as unknown as { relay?: RelayInside }).relay;
  }

  #loadRelays(): Promise<Relays> {
    this.#relays ??= import("./relays.ts").then(async ({ Relays }) => {
      const { node, logger } = this.#init;
      const parts = this.#parts;
      const wanted = (): boolean => this.#wantsRelay();
      this.#loadedRelays = await Relays.load({ node, parts, logger, wanted });
      return this.#loadedRelays;
    });
    return this.#relays;
  }

  /** What leads from relayed connections to direct ones. Loopback alone needs none of it. */
  async #dig(): Promise<HolePunch | undefined> {
    if (this.#init.localOnly) return undefined;
    const { HolePunch } = await import("./hole-punch.ts");
    const { node, logger } = this.#init;
    return (this.#holePunch ??= new HolePunch({
      node,
      logger,
      loadWebRtc: () => (this.#webRtc ??= this.#loadWebRtc()),
    }));
  }

  async #loadWebRtc(): Promise<boolean> {
    try {
      const { addWebRtc } = await import("./webrtc.ts");
      const { node, stun } = this.#init;
      await addWebRtc(node, this.#parts, () => stun ?? [...this.#stunRelays.values()]);
      return true;
    } catch (error) {
      this.#webRtcMissing = error instanceof Error ? error.message : String(error);
      this.#init.logger.warn("no WebRTC here", { error: this.#webRtcMissing });
      return false;
    }
  }

  /** One of a peer's connections has ended; the router does not notice while another is left. */
  #closed(connection: Connection): void {
    this.#holePunch?.closed(connection);
    for (const delayMs of RESUME_GOSSIP_MS)
      setTimeout(() => this.#resumeGossip(connection.remotePeer), delayMs).unref();
  }

  #resumeGossip(peerId: PeerId): void {
    if (this.#stopped) return;
    const { node } = this.#init;
    const connections = node.getConnections(peerId).filter(({ status }) => status === "open");
    const [best] = connections.sort((a, b) => this.rank(a) - this.rank(b));
    if (best) resumeGossip(node.services.pubsub, best);
  }

  async #serveStun(): Promise<void> {
    const { node, logger, localOnly } = this.#init;
    if (localOnly) return;
    const { StunServer } = await import("./stun-server.ts");
    const ports = node.getMultiaddrs().map(portOf);
    this.#stunServer = await StunServer.listen(
      ports.filter((port) => port !== undefined),
      logger,
    );
    await node.handle(STUN_PROTOCOL, (stream) => stream.close());
  }

  #wantsRelay(): boolean {
    return !this.#stopped && !this.#init.serving && !this.#isPublic();
  }
}

function portOf(address: Multiaddr): number | undefined {
  const port = address.getComponents().find(({ name }) => name === "tcp")?.value;
  return port === undefined ? undefined : Number(port);
}

/** Where a relay answers STUN: at the host and number by which it is connected. */
function stunAt({ remoteAddr }: Connection): string {
  const host = remoteAddr.getComponents()[0]?.value ?? "";
  return `stun:${host.includes(":") ? `[${host}]` : host}:${portOf(remoteAddr)}`;
}

/** Somebody has dialled an address of this node itself. What was dug over a relay names the relay's address. */
function isFromOutside({ direction, remoteAddr }: Connection): boolean {
  if (direction !== "inbound" || !isPublic(remoteAddr)) return false;
  return !remoteAddr.getComponents().some(({ name }) => name === "p2p-circuit");
}
