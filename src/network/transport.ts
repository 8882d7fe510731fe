/** The transport of a real node: libp2p behind the core's port. */
import type { Connection, IdentifyResult, PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { ParleyError } from "../core/codec/errors.ts";
import { ADDRESSES_PER_PEER_MAX_COUNT, DIAL_TIMEOUT_MS } from "../core/codec/limits.ts";
import type {
  AbortSignalLike,
  FrameStream,
  Peer,
  ReachInfo,
  TopicValidator,
  Transport,
  TransportEvents,
  TransportNotice,
} from "../core/interfaces.ts";
import {
  bestFirst,
  howOf,
  isDialable,
  isLoopback,
  isRelayed,
  parseAddress,
  peerIdIn,
  withPeer,
} from "./addresses.ts";
import { Chores } from "./chores.ts";
import { dialError } from "./connect-errors.ts";
import { Connections } from "./connections.ts";
import { Dialler } from "./dialler.ts";
import { Libp2pFrameStream } from "./frame-stream.ts";
import { Inbound, STREAMS } from "./inbound.ts";
import { InterfacesWatch } from "./interfaces-watch.ts";
import { KeyDoubts } from "./key-doubts.ts";
import { Latencies } from "./latencies.ts";
import { agentOf, networkMark, type ParleyNode } from "./libp2p-node.ts";
import { PeerExchange, PEERS_PROTOCOL } from "./peer-exchange.ts";
import { deviceOf } from "./peer-id.ts";
import { serveNewcomers } from "./private-network.ts";
import { type ProtocolNames, protocolNames } from "./protocol-names.ts";
import { Reach } from "./reach.ts";
import { RuntimeDirectory } from "./runtime-directory.ts";
import { Topics } from "./topics.ts";
import type { TransportOptions } from "./transport-options.ts";

export const SYNC_PROTOCOL = "/parley/sync/1";

/** The first greetings, and what has been missed, go first. */
const FIRST_PING_MS = 300;

export class Libp2pTransport implements Transport {
  readonly peerId: string;
  readonly #node: ParleyNode;
  readonly #options: TransportOptions;
  readonly #notices: readonly TransportNotice[];
  readonly #dialler: Dialler;
  readonly #names: ProtocolNames;
  readonly #connections: Connections;
  readonly #topics: Topics;
  readonly #chores: Chores;
  readonly #latencies: Latencies;
  readonly #interfaces: InterfacesWatch;
  readonly #exchange: PeerExchange;
  readonly #reach: Reach;
  readonly #doubts: KeyDoubts;
  readonly #inbound = new Inbound();
  #directory: RuntimeDirectory | undefined;
  #listener: TransportEvents | undefined;

  /** @param notices to be said at the start, such as a port that was taken. */
  constructor(node: ParleyNode, options: TransportOptions, notices: readonly TransportNotice[]) {
    this.#node = node;
    this.#options = options;
    this.#notices = notices;
    this.peerId = node.peerId.toString();
    this.#names = protocolNames(options.networkName, options.privateNetwork !== undefined);
    this.#topics = new Topics(node);
    this.#chores = new Chores(options.logger);
    this.#connections = new Connections({
      node,
      rank: (connection) => this.#reach.rank(connection),
      latencyOf: (peerId) => this.#latencies.of(peerId),
    });
    this.#doubts = new KeyDoubts({
      alone: () => options.privateNetwork !== undefined && this.#connections.count === 0,
      listener: () => this.#listener,
    });
    const { clock, random, logger } = options;
    this.#dialler = new Dialler({
      clock,
      random,
      logger,
      ownPeerId: () => this.peerId,
      connected: () => this.#connections.count,
      isConnected: (peerId) => this.#connections.has(peerId),
      dial: (addresses, signal, force) =>
        this.#doubts.watch(addresses, this.#dial(addresses, signal, force)),
      mayDial: (address) =>
        isDialable(address) &&
        (!options.localOnly || isLoopback(address)) &&
        !this.#inbound.isShunned(peerIdIn(address)),
    });
    const shared = {
      connectionTo: (peerId: string) => this.#connections.to(peerId)[0],
      later: (delayMs: number, work: () => Promise<void>) => this.#chores.later(delayMs, work),
    };
    // Told by somebody who is connected to them now: reason to think that they answer.
    const found = (address: string): void => this.#dialler.add(address);
    this.#exchange = new PeerExchange({
      ...shared,
      random,
      names: this.#names,
      found,
      isSated: () => this.#dialler.isSated,
    });
    const connections = (): Connection[] => node.getConnections();
    const silent = (peerId: string): void => void this.#dialler.redial(peerId);
    this.#latencies = new Latencies({ ...shared, connections, silent });
    this.#interfaces = new InterfacesWatch(() => this.#moved());
    this.#reach = new Reach({
      ...options,
      node,
      stun: options.stun,
      upnp: options.upnp !== false,
      known: () => this.#dialler.size,
      found: (address) => this.#dialler.add(address, false),
      serving: options.relay !== undefined || options.bootstrapNode === true,
    });
  }

  async start(listener: TransportEvents): Promise<void> {
    this.#listener = listener;
    this.#chores.start();
    const node = this.#node;
    const { fence, pubsub } = node.services;
    if (fence) fence.onProven = (peerId) => this.#connected(peerId);
    else node.addEventListener("peer:connect", ({ detail }) => this.#connected(detail));
    node.addEventListener("peer:disconnect", ({ detail }) => this.#disconnected(detail));
    node.addEventListener("peer:discovery", ({ detail }) => {
      for (const address of detail.multiaddrs) this.#dialler.add(withPeer(address, detail.id));
    });
    node.addEventListener("connection:open", ({ detail }) => this.#latencies.proveOthers(detail));
    node.addEventListener("peer:identify", ({ detail }) => {
      this.#proven(detail.connection).then(
        () => this.#identified(detail),
        () => undefined,
      );
    });
    node.addEventListener("self:peer:update", () => listener.addresses());
    pubsub.addEventListener("subscription-change", ({ detail }) => {
      for (const { topic } of detail.subscriptions) listener.subscribers(topic);
    });
    void this.#inbound.serve(SYNC_PROTOCOL, (stream) =>
      this.#listener ? listener.stream(stream) : stream.abort("not served"),
    );
    await this.#inbound.start(node, this.#names);
    await node.handle(
      this.#names(PEERS_PROTOCOL),
      (stream, connection) => this.#exchange.answer(stream, connection),
      STREAMS,
    );
    await serveNewcomers(node, this.#options);
    await node.start();
    await this.#reach.started();
    this.#topics.started();
    for (const notice of this.#notices) listener.notice(notice);
    for (const address of this.#options.bootstrap) this.#dialler.name(address);
    for (const address of await this.#options.savedPeers()) this.#dialler.add(address);
    this.#dialler.start();
    this.#interfaces.start();
    await this.#announceOnMachine();
  }

  async stop(): Promise<void> {
    this.#dialler.stop();
    this.#interfaces.stop();
    this.#chores.stop();
    await this.#directory?.stop();
    await this.#reach.stop();
    await this.#node.stop();
    this.#listener = undefined;
  }

  addresses(): string[] {
    return bestFirst(this.#node.getMultiaddrs()).map((address) => address.toString());
  }

  peers(): Peer[] {
    return this.#connections.peers();
  }

  reach(): ReachInfo {
    return { ...this.#reach.info(), unanswered: this.#dialler.unanswered() };
  }

  async connect(text: string, { signal }: { signal?: AbortSignalLike } = {}): Promise<Peer> {
    const address = parseAddress(text);
    const wanted = peerIdIn(address);
    if (wanted === this.peerId)
      throw new ParleyError("self-dial", "That address is your own.", {
        hint: "Send it to a friend.",
      });
    if (this.#options.localOnly && !isLoopback(address)) {
      throw new ParleyError(
        "local-only",
        "With --local-only parley dials addresses of this machine alone.",
      );
    }
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    signal?.addEventListener("abort", abort);
    try {
      const limit = AbortSignal.any([controller.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
      const connection = await this.#dial([address], limit);
      this.#dialler.name(withPeer(address, connection.remotePeer));
      const peer = this.#connections.peer(connection.remotePeer.toString());
      if (!peer) throw new ParleyError("unreachable", "The connection was closed again at once.");
      return peer;
    } catch (error) {
      // An address a person gave is tried for ever: the friend may be asleep.
      if (wanted !== undefined) this.#dialler.name(text.trim(), false);
      throw dialError(error, address, this.#options.privateNetwork !== undefined);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  join(topic: string, validator: TopicValidator): void {
    this.#topics.join(topic, validator);
  }

  leave(topic: string): void {
    this.#topics.leave(topic);
  }

  publish(topic: string, data: Uint8Array): Promise<{ recipients: number }> {
    return this.#topics.publish(topic, data);
  }

  subscribers(topic: string): string[] {
    return this.#topics.subscribers(topic);
  }

  mesh(topic: string): number {
    return this.#topics.mesh(topic);
  }

  serve(protocol: string, answer: ((stream: FrameStream) => void) | null): Promise<void> {
    return this.#inbound.serve(protocol, answer);
  }

  shun(peerId: string, on: boolean): void {
    this.#inbound.shun(peerId, on);
    if (!on) return;
    this.#dialler.forget(peerId);
    const [connection] = this.#connections.to(peerId);
    if (connection) void this.#node.hangUp(connection.remotePeer).catch(() => undefined);
  }

  async open(peerId: string, protocol = SYNC_PROTOCOL): Promise<FrameStream> {
    const [connection] = this.#connections.to(peerId);
    const device = connection && deviceOf(connection.remotePeer);
    if (!connection || !device) throw new ParleyError("stream-lost", "That peer is not connected.");
    try {
      const stream = await connection.newStream(this.#names(protocol), {
        signal: AbortSignal.timeout(DIAL_TIMEOUT_MS),
        runOnLimitedConnection: true,
      });
      return new Libp2pFrameStream(stream, peerId, device);
    } catch (cause) {
      throw new ParleyError("stream-lost", "That peer does not answer.", { cause });
    }
  }

  async #dial(addresses: Multiaddr[], signal: AbortSignal, force = false): Promise<Connection> {
    await this.#reach.prepare(addresses);
    return this.#proven(await this.#node.dial(addresses, { signal, force }));
  }

  #connected(peerId: PeerId): void {
    const peer = this.#connections.peer(peerId.toString());
    if (!peer || this.#inbound.isShunned(peer.peerId)) {
      void this.#node.hangUp(peerId).catch(() => undefined);
      return;
    }
    const [connection] = this.#connections.to(peer.peerId);
    if (connection) this.#reach.connected(connection);
    if (connection?.direction === "outbound")
      this.#remember(withPeer(connection.remoteAddr, peerId));
    this.#doubts.met();
    this.#listener?.connected(peer);
    this.#latencies.watch(peer.peerId, FIRST_PING_MS);
    if (peer.direction === "outbound") this.#exchange.ask(peerId);
  }

  #disconnected(peerId: PeerId): void {
    const name = peerId.toString();
    const device = deviceOf(peerId);
    this.#latencies.forget(name);
    this.#exchange.forget(name);
    this.#reach.disconnected(peerId);
    this.#dialler.lost(name);
    if (!device) return;
    this.#listener?.disconnected({
      peerId: name,
      device,
      address: "",
      how: "direct",
      direction: "outbound",
      latencyMs: undefined,
    });
  }

  #identified(result: IdentifyResult): void {
    const { peerId, agentVersion, listenAddrs, connection } = result;
    const name = peerId.toString();
    if (agentVersion !== undefined && agentVersion !== agentOf(this.#options.networkName)) {
      this.#dialler.forget(name);
      void this.#node.hangUp(peerId).catch(() => undefined);
      return;
    }
    // Of what it listens on, only what lies where it came from can be believed to be reachable from here.
    const how = howOf(connection.remoteAddr);
    const addresses = listenAddrs
      .filter((it) => isDialable(it) && (howOf(it) === how || isRelayed(it)))
      .slice(0, ADDRESSES_PER_PEER_MAX_COUNT)
      .map((address) => withPeer(address, peerId));
    this.#exchange.know(name, addresses);
    this.#reach.identified(result);
    for (const address of addresses) this.#dialler.add(address, false);
    const [first] = addresses;
    if (connection.direction === "inbound" && first) this.#remember(first);
  }

  #remember(address: string): void {
    if (!address.includes("/p2p-circuit")) this.#options.rememberPeer(address);
  }

  /** Other addresses, or the machine has slept: nothing that was open before can be believed. */
  #moved(): void {
    this.#options.logger.info("the network has changed");
    this.#latencies.prove(this.#node.getConnections());
    this.#reach.moved();
    this.#dialler.soon();
    this.#listener?.addresses();
  }

  async #announceOnMachine(): Promise<void> {
    const { runtimeDir, networkName, logger } = this.#options;
    if (runtimeDir === undefined) return;
    const loopback = this.#node.getMultiaddrs().filter(isLoopback);
    this.#directory = new RuntimeDirectory({
      folder: runtimeDir,
      mark: networkMark(networkName),
      peerId: this.peerId,
      logger,
      found: (addresses) => {
        for (const address of addresses) this.#dialler.add(address);
      },
    });
    await this.#directory.start(bestFirst(loopback).map((address) => address.toString()));
  }

  /** The connection, once its other side has proven to be of the network. */
  async #proven(connection: Connection): Promise<Connection> {
    await this.#node.services.fence?.proven(connection);
    return connection;
  }
}
