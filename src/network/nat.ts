/**
 * What a node behind a router can find out and ask for: peers tell it whether its addresses can be dialled (AutoNAT), and the
 * router forwards a port where it takes such requests (UPnP). Loaded after the start, because a start must not wait for it.
 */
import { autoNAT } from "@libp2p/autonat";
import { start, stop } from "@libp2p/interface";
import { uPnPNAT } from "@libp2p/upnp-nat";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { NAT_ASK_PERIOD_MS, NAT_ROUTER_PERIOD_MS } from "../core/codec/limits.ts";
import type { Logger, Random } from "../core/interfaces.ts";
import { isPublic } from "./addresses.ts";
import { type Components, componentsOf, type LateParts } from "./components.ts";
import { askToDialBack, AUTONAT_PROTOCOL } from "./dial-back.ts";
import type { ParleyNode } from "./libp2p-node.ts";
import { shuffled } from "./shuffled.ts";
import { type Asked, Vouching } from "./vouching.ts";

export interface NatInit {
  readonly node: ParleyNode;
  readonly parts: LateParts;
  readonly logger: Logger;
  readonly random: Random;
  /** Whether to ask the router. */
  readonly upnp: boolean;
  /** Whether the addresses of the machine itself are believed without a word of others. */
  readonly serving: boolean;
  /** An address that was told to others is not any more. */
  readonly lost: () => void;
}

/** Starts answering who asks, asking others, and asking the router. */
export async function watchNat(init: NatInit): Promise<Nat> {
  const answering: unknown = answeringOnly(componentsOf(init.node));
  await init.parts.add(autoNAT()(answering as Parameters<ReturnType<typeof autoNAT>>[0]));
  return init.parts.add(new Nat(init));
}

/**
 * The library answers others, and asks nothing by itself: it would take back what was vouched for only after failures from eight
 * parts of the internet. And whoever asks is connected: it "dials" them by taking that connection, finds it to be another than
 * it wanted, and closes it. Nothing was ever vouched for so, and who asked was cut off.
 */
function answeringOnly(components: Components): Components {
  const { addressManager, connectionManager } = components;
  return withOwn(components, {
    addressManager: withOwn(addressManager, { getAddressesWithMetadata: () => [] }),
    connectionManager: withOwn(connectionManager, {
      openConnection: (target, options) =>
        connectionManager.openConnection(target, { ...options, force: true }),
    }),
  });
}

/** An object with some parts of its own, and otherwise another. */
function withOwn<Whole extends object>(whole: Whole, own: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get(target, name) {
      const value: unknown = Reflect.get(name in own ? own : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export class Nat {
  readonly #init: NatInit;
  readonly #vouching: Vouching;
  #timer: NodeJS.Timeout | undefined;
  #router: unknown;
  #routerTimer: NodeJS.Timeout | undefined;
  /** When it was asked again. */
  #routerAskedMs = -Infinity;
  #stopped = false;

  constructor(init: NatInit) {
    this.#init = init;
    this.#vouching = new Vouching({
      addresses: () => this.#addresses(),
      askable: () => this.#askable(),
      tell: (address, on) => this.#tell(address, on),
      nowMs: () => performance.now(),
      logger: init.logger,
    });
  }

  async start(): Promise<void> {
    this.#init.node.addEventListener("peer:identify", this.#look);
    this.#timer = setInterval(this.#look, NAT_ASK_PERIOD_MS).unref();
    this.#look();
    if (this.#init.upnp) await this.#askRouter();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#routerTimer);
    this.#init.node.removeEventListener("peer:identify", this.#look);
    await stop(this.#router);
  }

  /** The machine has other addresses, or has slept. */
  moved(): void {
    this.#vouching.moved();
    this.#askRouterAgain();
    this.#look();
  }

  readonly #look = (): void => {
    this.#vouching.look().catch((error: unknown) => {
      this.#init.logger.warn("peers are not asked to dial", { error: String(error) });
    });
  };

  #addresses(): Map<string, boolean> {
    const { node, serving } = this.#init;
    const found = new Map<string, boolean>();
    for (const { type, multiaddr: it, verified } of componentsOf(
      node,
    ).addressManager.getAddressesWithMetadata()) {
      const own = type === "ip-mapping" || (type === "transport" && !serving);
      const names = it.getComponents().map(({ name }) => name);
      if (own && isPublic(it) && !names.includes("p2p-circuit")) found.set(it.toString(), verified);
    }
    return found;
  }

  async #askable(): Promise<Asked[]> {
    const { node, random } = this.#init;
    const asked: Asked[] = [];
    for (const connection of node.getConnections()) {
      const { limits, remoteAddr, remotePeer } = connection;
      if (limits || !isPublic(remoteAddr)) continue;
      // Whoever has the outer key alone would be waited for, and has no say.
      if (node.services.fence?.isProven(connection) === false) continue;
      const known = await node.peerStore.get(remotePeer).catch(() => undefined);
      if (!known?.protocols.includes(AUTONAT_PROTOCOL)) continue;
      asked.push({
        host: hostOf(remoteAddr),
        dialBack: (address) => askToDialBack(node, connection, address),
      });
    }
    return shuffled(random, asked);
  }

  #tell(address: string, on: boolean): void {
    const { addressManager } = componentsOf(this.#init.node);
    const it = multiaddr(address);
    if (on) return addressManager.confirmObservedAddr(it);
    addressManager.removeObservedAddr(it);
    this.#init.lost();
    this.#askRouterAgain();
  }

  /** Where a port was lost the router may have forgotten it, and the library takes it for granted until its time is over. */
  #askRouterAgain(): void {
    if (!this.#init.upnp || this.#routerTimer) return;
    const waitMs = Math.max(0, this.#routerAskedMs + NAT_ROUTER_PERIOD_MS - performance.now());
    this.#routerTimer = setTimeout(() => {
      this.#routerTimer = undefined;
      this.#routerAskedMs = performance.now();
      this.#forgetRouter()
        .then(() => this.#askRouter())
        .catch((error: unknown) => {
          this.#init.logger.warn("the router is not asked", { error: String(error) });
        });
    }, waitMs).unref();
  }

  async #forgetRouter(): Promise<void> {
    const { addressManager } = componentsOf(this.#init.node);
    await stop(this.#router);
    for (const { type, multiaddr: it } of addressManager.getAddressesWithMetadata()) {
      if (type !== "ip-mapping") continue;
      const [{ value: host = "" } = {}, { value: port = "0" } = {}] = it.getComponents();
      // Which address of this machine it led to makes no difference there.
      addressManager.removePublicAddressMapping("", 0, host, Number(port), "tcp");
    }
  }

  async #askRouter(): Promise<void> {
    if (this.#stopped) return;
    const asking: unknown = componentsOf(this.#init.node);
    this.#router = uPnPNAT()(asking as Parameters<ReturnType<typeof uPnPNAT>>[0]);
    await start(this.#router);
  }
}

/** Of IPv6 the half that a household has as a whole. */
function hostOf(address: Multiaddr): string {
  const { name, value = "" } = address.getComponents()[0] ?? {};
  return name === "ip6" ? value.split(":").slice(0, 4).join(":") : value;
}
