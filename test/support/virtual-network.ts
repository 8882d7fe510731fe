/**
 * A network in one process, repeatable from its seed: gossip that is lost, doubled and overtaken, streams that are slow
 * and cut, partitions. It moves only when its VirtualTime does.
 */
import { createHash } from "node:crypto";
import { toHex } from "../../src/core/codec/bytes.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import type {
  FrameStream,
  Peer,
  TopicValidator,
  Transport,
  TransportEvents,
  Verdict,
} from "../../src/core/interfaces.ts";
import { SeededRandom } from "./seeded-random.ts";
import { type Carry, VirtualStream } from "./virtual-stream.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How one direction between two nodes behaves. */
export interface Conditions {
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Probability that a gossiped message is lost, and that it comes twice. Streams lose nothing until they are cut. */
  readonly loss: number;
  readonly duplicates: number;
}

export const CALM: Conditions = { delayMinMs: 1, delayMaxMs: 1, loss: 0, duplicates: 0 };

interface Connection {
  readonly dialler: VirtualTransport;
  readonly listener: VirtualTransport;
  readonly streams: Set<VirtualStream>;
}

export class VirtualNetwork {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  /** Asked for every frame and message; replace it to change the weather. */
  conditions: (from: VirtualTransport, to: VirtualTransport) => Conditions = () => CALM;
  /** Sees every gossiped message and every frame; a test may count, or return other bytes. */
  tap: (kind: "gossip" | "frame", bytes: Uint8Array, from: VirtualTransport) => Uint8Array = (
    _,
    bytes,
  ) => bytes;
  readonly traffic = { frames: 0, frameBytes: 0, messages: 0, messageBytes: 0 };
  readonly #nodes = new Map<string, VirtualTransport>();
  readonly #connections = new Set<Connection>();
  #apart: (a: VirtualTransport, b: VirtualTransport) => boolean = () => false;

  constructor(time: VirtualTime, seed: number) {
    this.time = time;
    this.random = new SeededRandom(seed);
  }

  /** A node with this device key. One that was stopped may come back under the same key. */
  node(device: Uint8Array): VirtualTransport {
    const node = new VirtualTransport(this, device);
    this.#nodes.set(node.peerId, node);
    return node;
  }

  find(peerId: string): VirtualTransport | undefined {
    return this.#nodes.get(peerId);
  }

  /** Every node that runs. */
  everyone(): VirtualTransport[] {
    return [...this.#nodes.values()].filter(({ running }) => running);
  }

  connections(node: VirtualTransport): Connection[] {
    return [...this.#connections].filter(
      ({ dialler, listener }) => dialler === node || listener === node,
    );
  }

  between(a: VirtualTransport, b: VirtualTransport): Connection | undefined {
    return this.connections(a).find(({ dialler, listener }) => dialler === b || listener === b);
  }

  /** False when one of them is not running or they are apart. */
  dial(dialler: VirtualTransport, listener: VirtualTransport): boolean {
    if (!dialler.running || !listener.running || this.#apart(dialler, listener)) return false;
    if (dialler.shuns(listener.peerId) || listener.shuns(dialler.peerId)) return false;
    if (this.between(dialler, listener) !== undefined) return true;
    this.#connections.add({ dialler, listener, streams: new Set() });
    dialler.connected(listener);
    listener.connected(dialler);
    return true;
  }

  hangUp(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    for (const stream of connection.streams) stream.cut("the connection was cut");
    connection.dialler.disconnected(connection.listener, "outbound");
    connection.listener.disconnected(connection.dialler, "inbound");
  }

  /** From now on these pairs cannot reach each other. `() => false` heals; nobody dials by itself. */
  partition(apart: (a: VirtualTransport, b: VirtualTransport) => boolean): void {
    this.#apart = apart;
    for (const connection of this.#connections) {
      if (apart(connection.dialler, connection.listener)) this.hangUp(connection);
    }
  }

  /** When something sent now arrives. */
  delayMs(from: VirtualTransport, to: VirtualTransport): number {
    const { delayMinMs, delayMaxMs } = this.conditions(from, to);
    return delayMinMs + (this.random.word() / 2 ** 32) * (delayMaxMs - delayMinMs);
  }

  /** A way for frames: as slow as the conditions say, and always in order. */
  carrier(from: VirtualTransport, to: VirtualTransport): Carry {
    let lastMs = 0;
    return (bytes, arrive) => {
      this.traffic.frames += 1;
      this.traffic.frameBytes += bytes;
      lastMs = Math.max(lastMs, this.time.nowMs() + this.delayMs(from, to));
      this.time.after(lastMs - this.time.nowMs(), arrive);
    };
  }
}

export class VirtualTransport implements Transport {
  readonly peerId: string;
  readonly device: Uint8Array;
  readonly #network: VirtualNetwork;
  #listener: TransportEvents | undefined;
  readonly #topics = new Map<string, TopicValidator>();
  readonly #seen = new Set<string>();
  readonly #served = new Map<string, (stream: FrameStream) => void>();
  readonly #shunned = new Set<string>();
  /** What the validators said, oldest first. */
  readonly verdicts: Verdict[] = [];

  constructor(network: VirtualNetwork, device: Uint8Array) {
    this.#network = network;
    this.device = device;
    this.peerId = toHex(device).slice(0, 16);
  }

  get running(): boolean {
    return this.#listener !== undefined;
  }

  async start(listener: TransportEvents): Promise<void> {
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    for (const connection of this.#network.connections(this)) this.#network.hangUp(connection);
    this.#listener = undefined;
    this.#topics.clear();
  }

  addresses(): string[] {
    return [`/virtual/p2p/${this.peerId}`];
  }

  peers(): Peer[] {
    return this.#network
      .connections(this)
      .map(({ dialler, listener }) =>
        dialler === this ? peerOf(listener, "outbound") : peerOf(dialler, "inbound"),
      );
  }

  async connect(address: string): Promise<Peer> {
    const other = this.#network.find(address.slice(address.lastIndexOf("/") + 1));
    if (other === undefined || !this.#network.dial(this, other)) {
      throw new ParleyError("unreachable", "Nobody answers at that address.");
    }
    return this.peers().find(({ peerId }) => peerId === other.peerId) as Peer;
  }

  async serve(protocol: string, answer: ((stream: FrameStream) => void) | null): Promise<void> {
    if (answer) this.#served.set(protocol, answer);
    else this.#served.delete(protocol);
  }

  shun(peerId: string, on: boolean): void {
    if (!on) return void this.#shunned.delete(peerId);
    this.#shunned.add(peerId);
    const other = this.#network.find(peerId);
    const connection = other && this.#network.between(this, other);
    if (connection) this.#network.hangUp(connection);
  }

  shuns(peerId: string): boolean {
    return this.#shunned.has(peerId);
  }

  async open(peerId: string, protocol?: string): Promise<FrameStream> {
    const other = this.#network.find(peerId);
    const connection = other && this.#network.between(this, other);
    if (other === undefined || connection === undefined)
      throw new ParleyError("stream-lost", "Not connected.");
    const ends = VirtualStream.pair(
      this,
      other,
      this.#network.carrier(this, other),
      this.#network.carrier(other, this),
    );
    for (const [i, end] of ends.entries()) {
      connection.streams.add(end);
      const from = i === 0 ? this : other;
      const send = end.send.bind(end);
      end.send = (frame) => send(this.#network.tap("frame", frame, from));
    }
    this.#network.time.after(this.#network.delayMs(this, other), () =>
      (protocol === undefined ? other.#listener?.stream : other.#served.get(protocol))?.(ends[1]),
    );
    return ends[0];
  }

  join(topic: string, validator: TopicValidator): void {
    this.#topics.set(topic, validator);
    this.#tellSubscribers(topic);
  }

  leave(topic: string): void {
    this.#topics.delete(topic);
    this.#tellSubscribers(topic);
  }

  subscribers(topic: string): string[] {
    return this.#neighbours()
      .filter((other) => other.#topics.has(topic))
      .map(({ peerId }) => peerId);
  }

  async publish(topic: string, data: Uint8Array): Promise<{ recipients: number }> {
    this.#seen.add(messageId(topic, data));
    return { recipients: this.#spread(topic, data, undefined) };
  }

  connected(other: VirtualTransport): void {
    const direction = this.#network.between(this, other)?.dialler === this ? "outbound" : "inbound";
    this.#listener?.connected(peerOf(other, direction));
    for (const topic of other.#topics.keys()) this.#listener?.subscribers(topic);
  }

  disconnected(other: VirtualTransport, direction: Peer["direction"]): void {
    this.#listener?.disconnected(peerOf(other, direction));
  }

  #neighbours(): VirtualTransport[] {
    return this.peers().flatMap(({ peerId }) => this.#network.find(peerId) ?? []);
  }

  #tellSubscribers(topic: string): void {
    for (const other of this.#neighbours()) other.#listener?.subscribers(topic);
  }

  /** Hands a message to every neighbour in the topic but one. */
  #spread(topic: string, data: Uint8Array, except: VirtualTransport | undefined): number {
    const others = this.#neighbours().filter(
      (other) => other !== except && other.#topics.has(topic),
    );
    for (const other of others) this.#handOver(topic, data, other);
    return others.length;
  }

  #handOver(topic: string, data: Uint8Array, other: VirtualTransport): void {
    const network = this.#network;
    const { loss, duplicates } = network.conditions(this, other);
    const sent = network.tap("gossip", data, this).slice();
    network.traffic.messages += 1;
    network.traffic.messageBytes += sent.length;
    for (let copies = network.random.chance(duplicates) ? 2 : 1; copies > 0; copies--) {
      if (network.random.chance(loss)) continue;
      network.time.after(network.delayMs(this, other), () => {
        if (network.between(this, other) !== undefined) void other.#receive(topic, sent, this);
      });
    }
  }

  async #receive(topic: string, data: Uint8Array, from: VirtualTransport): Promise<void> {
    const validator = this.#topics.get(topic);
    const hash = messageId(topic, data);
    if (validator === undefined || this.#seen.has(hash)) return;
    this.#seen.add(hash);
    const verdict = await validator(data, from.peerId);
    this.verdicts.push(verdict);
    if (verdict === "accept") this.#spread(topic, data, from);
  }
}

function peerOf(node: VirtualTransport, direction: Peer["direction"]): Peer {
  const { peerId, device } = node;
  return { peerId, device, address: "/virtual", how: "machine", direction, latencyMs: undefined };
}

function messageId(topic: string, data: Uint8Array): string {
  return createHash("sha256").update(topic).update("\0").update(data).digest("hex");
}
