/**
 * The inner fence of a private network: on every connection, whatever carries it, both sides prove the network's secret over
 * `/parley/net/1` before any other protocol is answered or begun (docs/spec/private-networks.md). What is not named below waits;
 * so does what a later version of libp2p adds.
 */
import type {
  Connection,
  PeerId,
  Stream,
  StreamMiddleware,
  Topology,
  TypedEventTarget,
} from "@libp2p/interface";
import { ParleyError } from "../core/codec/errors.ts";
import { UNPROVEN_MAX_COUNT, UNPROVEN_MAX_MS } from "../core/codec/limits.ts";
import type { Crypto } from "../core/crypto/port.ts";
import type { Clock, Logger, Random } from "../core/interfaces.ts";
import { LINK_PROTOCOL } from "../core/network/link.ts";
import { liveSecrets, type NetworkSecret } from "../core/network/secret.ts";
import { proveAsDialler, proveAsListener, type Prover } from "./fence-exchange.ts";
import { JOIN_PROTOCOL } from "./join-protocol.ts";
import { deviceOf } from "./peer-id.ts";

export const NET_PROTOCOL = "/parley/net/1";
/** Answered to whoever is connected: names of the machinery, a sign of life, and the doors. */
const OPEN_PROTOCOLS: ReadonlySet<string> = new Set([
  "/ipfs/id/1.0.0",
  "/ipfs/ping/1.0.0",
  JOIN_PROTOCOL,
  NET_PROTOCOL,
]);

/** What of a private network the transport has to know. */
export interface FenceInit {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Constant id of the network. */
  readonly network: Uint8Array;
  readonly ownDevice: Uint8Array;
  /** Every secret this node has; those that are closed open nothing. */
  readonly secrets: () => readonly NetworkSecret[];
  /** Whether a device is one that must stay out although it may know a secret. */
  readonly isRemoved: (device: Uint8Array) => boolean;
  /** Whether a ticket is out that links a device: it is no member yet, so its protocol is open as long. */
  readonly isLinking: () => boolean;
  /** Whether this node knows of a key that it does not have. */
  readonly lacksKey: () => boolean;
  /** No secret is shared, or a key is lacking: asks the other side for what this node may lack. Resolves with whether it has learned something. */
  readonly askForSecrets: (connection: Connection) => Promise<boolean>;
}

interface Components {
  readonly registrar: {
    getMiddleware(protocol: string): StreamMiddleware[];
    register(protocol: string, topology: Topology): Promise<string>;
    handle(
      protocol: string,
      handler: (stream: Stream, connection: Connection) => void | Promise<void>,
      options: { runOnLimitedConnection: boolean; maxInboundStreams: number },
    ): Promise<void>;
    unhandle(protocol: string): Promise<void>;
  };
  readonly events: TypedEventTarget<{ "connection:open": CustomEvent<Connection> }>;
}

/** How far a connection has come. */
interface Standing {
  readonly proven: Promise<void>;
  readonly settle: (error?: Error) => void;
  state: "pending" | "proven" | "refused";
  /** The secret it was proven with. */
  secret: NetworkSecret | undefined;
}

export class Fence {
  /** Called when a peer has proven the secret, on the first of its connections that stand. */
  onProven: (peerId: PeerId) => void = () => undefined;
  readonly #init: FenceInit;
  readonly #components: Components;
  readonly #standings = new Map<Connection, Standing>();
  #closeSoon: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(components: Components, init: FenceInit) {
    this.#init = init;
    this.#components = components;
    this.#gate();
  }

  async start(): Promise<void> {
    const { registrar, events } = this.#components;
    await registrar.handle(NET_PROTOCOL, (stream, connection) => this.#listen(stream, connection), {
      runOnLimitedConnection: true,
      maxInboundStreams: 1,
    });
    events.addEventListener("connection:open", this.#opened);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#closeSoon);
    this.#components.events.removeEventListener("connection:open", this.#opened);
    await this.#components.registrar.unhandle(NET_PROTOCOL);
    for (const standing of this.#standings.values()) standing.settle(refused());
  }

  /** Resolves once both sides have proven the secret. @throws ParleyError `network-mismatch` where they have not */
  async proven(connection: Connection): Promise<void> {
    const standing = this.#standing(connection);
    await standing.proven;
    if (standing.state === "refused") throw refused();
  }

  isProven(connection: Connection): boolean {
    return this.#standings.get(connection)?.state === "proven";
  }

  /** Secrets have changed, or somebody was removed: connections that would not come about now are closed. */
  changed(): void {
    clearTimeout(this.#closeSoon);
    void this.#askForKey();
    const { clock, secrets, isRemoved } = this.#init;
    const nowMs = clock.nowMs();
    const live = new Set(liveSecrets(secrets(), nowMs).map(({ generation }) => generation));
    for (const [connection, standing] of this.#standings) {
      const { state, secret } = standing;
      if (state !== "proven" || secret === undefined) continue;
      const device = deviceOf(connection.remotePeer);
      if (live.has(secret.generation) && device && !isRemoved(device)) continue;
      standing.state = "refused";
      cut(connection);
    }
    const next = Math.min(
      ...secrets().map(({ closesMs }) =>
        closesMs !== null && closesMs > nowMs ? closesMs : Infinity,
      ),
    );
    if (next === Infinity) return;
    this.#closeSoon = setTimeout(
      () => this.changed(),
      Math.min(next - nowMs + 1, LONGEST_TIMER_MS),
    );
    this.#closeSoon.unref();
  }

  /** Every stream but those of the open protocols waits for the proof, and services hear of a peer after it. */
  #gate(): void {
    const { registrar } = this.#components;
    const register = registrar.register.bind(registrar);
    const middleware: StreamMiddleware = async (stream, connection, next) => {
      await this.proven(connection);
      next(stream, connection);
    };
    // libp2p appends to the list it is given, so each stream gets its own.
    registrar.getMiddleware = (protocol) => (this.#isOpen(protocol) ? [] : [middleware]);
    registrar.register = (protocol, topology) =>
      register(protocol, {
        ...topology,
        onConnect: (peerId, connection) => {
          // Not awaited: libp2p tells one service after the other.
          this.proven(connection)
            .then(() => topology.onConnect?.(peerId, connection))
            .catch(() => undefined);
        },
        onDisconnect: (peerId) => topology.onDisconnect?.(peerId),
      });
  }

  #isOpen(protocol: string): boolean {
    return OPEN_PROTOCOLS.has(protocol) || (protocol === LINK_PROTOCOL && this.#init.isLinking());
  }

  readonly #opened = ({ detail: connection }: CustomEvent<Connection>): void => {
    this.#standing(connection);
    if (connection.direction === "outbound") void this.#dial(connection);
    else if (this.#unproven() > UNPROVEN_MAX_COUNT) this.#refuse(connection, "too many unproven");
  };

  async #dial(connection: Connection): Promise<void> {
    try {
      await this.#prove(connection, () =>
        connection.newStream(NET_PROTOCOL, {
          signal: AbortSignal.timeout(UNPROVEN_MAX_MS),
          runOnLimitedConnection: true,
        }),
      );
    } catch (error) {
      this.#refuse(connection, String(error));
    }
  }

  async #prove(connection: Connection, open: () => Promise<Stream>): Promise<void> {
    const prover = this.#prover(connection);
    let secret = await proveAsDialler(prover, await open());
    if (secret === undefined && (await this.#init.askForSecrets(connection)))
      secret = await proveAsDialler(prover, await open());
    if (secret === undefined) throw refused();
    this.#accept(connection, secret);
  }

  async #listen(stream: Stream, connection: Connection): Promise<void> {
    if (connection.direction !== "inbound") return stream.abort(refused());
    try {
      const secret = await proveAsListener(this.#prover(connection), stream, () =>
        this.#init.askForSecrets(connection),
      );
      // Where there was nothing in common the other side may ask, and try once more, within its time.
      if (secret !== undefined) this.#accept(connection, secret);
    } catch (error) {
      this.#refuse(connection, String(error));
    }
  }

  #prover(connection: Connection): Prover {
    const device = deviceOf(connection.remotePeer);
    if (!device || this.#init.isRemoved(device)) throw refused();
    const { secrets, clock } = this.#init;
    return {
      ...this.#init,
      peerId: connection.remotePeer.toString(),
      device,
      live: () => liveSecrets(secrets(), clock.nowMs()),
    };
  }

  #accept(connection: Connection, secret: NetworkSecret): void {
    const standing = this.#standing(connection);
    if (standing.state === "refused") return;
    standing.state = "proven";
    standing.secret = secret;
    standing.settle();
    const others = [...this.#standings].filter(
      ([other, { state }]) =>
        other !== connection &&
        state === "proven" &&
        other.remotePeer.equals(connection.remotePeer),
    );
    if (others.length === 0) this.onProven(connection.remotePeer);
    void this.#askForKey();
  }

  /** Asks those who have proven to be members, one after the other, until nothing is lacking. */
  async #askForKey(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (const [connection, { state }] of this.#standings) {
        if (!this.#init.lacksKey()) return;
        if (state === "proven") await this.#init.askForSecrets(connection);
      }
    } catch (error) {
      this.#init.logger.debug("a member was asked for a key in vain", { error: String(error) });
    } finally {
      this.#asking = false;
    }
  }

  #refuse(connection: Connection, why: string): void {
    this.#init.logger.debug("a connection was not proven", {
      peer: connection.remotePeer.toString(),
      why,
    });
    const standing = this.#standing(connection);
    standing.state = "refused";
    standing.settle(refused());
    cut(connection);
  }

  #standing(connection: Connection): Standing {
    const known = this.#standings.get(connection);
    if (known) return known;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => undefined);
    const timer = setTimeout(() => this.#refuse(connection, "no proof in time"), UNPROVEN_MAX_MS);
    timer.unref();
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    };
    const standing: Standing = { proven: promise, settle, state: "pending", secret: undefined };
    this.#standings.set(connection, standing);
    connection.addEventListener("close", () => {
      this.#standings.delete(connection);
      standing.state = "refused";
      settle(refused());
    });
    return standing;
  }

  #unproven(): number {
    let count = 0;
    for (const [{ direction }, { state }] of this.#standings)
      if (direction === "inbound" && state === "pending") count++;
    return count;
  }
}

/** Whoever does not read what was sent keeps a connection from ending in peace: then it ends at once. */
function cut(connection: Connection): void {
  connection.close().catch((error: Error) => connection.abort(error));
}

/** A longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function refused(): ParleyError {
  return new ParleyError(
    "network-mismatch",
    "That node has the outer key of this network, but not its secret.",
    {
      hint: "It is in another network, or was left out of the newest secret. Ask for a new ticket.",
    },
  );
}
