/** A node of the real core over a virtual network: store in memory, replicator, and a person who writes. */
import { toHex } from "../../src/core/codec/bytes.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import type { Certificate } from "../../src/core/identity/types.ts";
import type { RoomLog } from "../../src/core/interfaces.ts";
import { nextMoment } from "../../src/core/log/clock.ts";
import { encodeText } from "../../src/core/log/content.ts";
import { createEvent } from "../../src/core/log/event.ts";
import { KIND_TEXT, type LogEvent, type StoredEvent } from "../../src/core/log/types.ts";
import { networkId, openRoom, type RoomKeys } from "../../src/core/room/open-room.ts";
import { type Control, encodeControl, kindOf } from "../../src/core/room/control.ts";
import { mayBeParent } from "../../src/core/sync/held-aside.ts";
import { Replicator, type ReplicatorListener } from "../../src/core/sync/replicator.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import type { KvStore } from "../../src/storage/store.ts";
import type { Writer } from "./events.ts";
import { MemoryDisk } from "./memory-kv.ts";
import { openMemoryStore } from "./memory-store.ts";
import { promptCrypto } from "./prompt-crypto.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { VirtualNetwork, VirtualTransport } from "./virtual-network.ts";

export const LOBBY: RoomKeys = openRoom(nodeCrypto, networkId(nodeCrypto, "virtual"), "#lobby");

export interface ReplicaOptions {
  /** Its device key is made of it, and its identity unless `person` is given. */
  readonly number: number;
  readonly person?: number;
  readonly disk?: MemoryDisk;
  readonly room?: RoomKeys;
  /** What its person is called; nothing is said of that by itself. */
  readonly name?: string;
  /** How far its clock is ahead, ms. */
  readonly aheadMs?: () => number;
  /** Joins no room by itself. */
  readonly idle?: boolean;
}

/** Everything the replicator said, in order of saying. */
export interface Said {
  /** Ids of what was gossiped and is on its way to the disk. */
  readonly coming: string[];
  readonly stored: { event: StoredEvent; outcome: string; source: string }[];
  readonly held: { device: string; seq: number; root: string }[];
  readonly ownAhead: LogEvent[];
  readonly confirmed: string[];
  readonly equal: string[];
  readonly greeted: { peerId: string; root: string; offsetMs: number }[];
  readonly named: { root: string; name: string }[];
  readonly progress: { done: number; total: number }[];
  readonly warnings: string[];
}

export class Replica {
  readonly network: VirtualNetwork;
  readonly transport: VirtualTransport;
  readonly replicator: Replicator;
  readonly store: KvStore;
  readonly log: RoomLog;
  readonly room: RoomKeys;
  readonly disk: MemoryDisk;
  readonly said: Said;
  readonly #signer;
  readonly root: Uint8Array;
  readonly certificate: Certificate;
  readonly #nowMs: () => number;

  private constructor(
    network: VirtualNetwork,
    options: ReplicaOptions,
    parts: { store: KvStore; log: RoomLog; disk: MemoryDisk },
  ) {
    const { number, person = number, room = LOBBY } = options;
    const rootSigner = nodeCrypto.signer(new Uint8Array(32).fill(person + 1));
    this.network = network;
    this.room = room;
    this.store = parts.store;
    this.log = parts.log;
    this.disk = parts.disk;
    this.#signer = nodeCrypto.signer(new Uint8Array(32).fill(0).fill(number + 1, 16));
    this.root = rootSigner.publicKey;
    this.transport = network.node(this.#signer.publicKey);
    this.certificate = createCertificate(rootSigner, {
      device: this.device,
      x25519: new Uint8Array(32).fill(9),
      serial: number + 1,
    });
    const clock = network.time.skewed(options.aheadMs ?? (() => 0));
    this.#nowMs = () => clock.nowMs();
    this.said = {
      coming: [],
      stored: [],
      held: [],
      ownAhead: [],
      confirmed: [],
      equal: [],
      greeted: [],
      named: [],
      progress: [],
      warnings: [],
    };
    this.replicator = new Replicator({
      store: this.store,
      transport: this.transport,
      crypto: promptCrypto,
      clock,
      timers: network.time,
      random: new SeededRandom(network.random.word()),
      logger: {
        debug: () => undefined,
        info: () => undefined,
        warn: (text, fields) => void this.said.warnings.push(`${text} ${JSON.stringify(fields)}`),
      },
      root: this.root,
      device: this.#signer.publicKey,
      certificate: this.certificate,
      ownName: () => options.name ?? "",
      listener: this.#listener(),
    });
  }

  static async start(network: VirtualNetwork, options: ReplicaOptions): Promise<Replica> {
    const disk = options.disk ?? new MemoryDisk();
    const { store } = await openMemoryStore(disk);
    const log = await store.room((options.room ?? LOBBY).roomId);
    const replica = new Replica(network, options, { store, log, disk });
    await replica.transport.start(replica.replicator.events);
    replica.replicator.start();
    if (options.idle !== true) replica.replicator.joinRoom(replica.room, log);
    return replica;
  }

  get device(): Uint8Array {
    return this.#signer.publicKey;
  }

  /** Dials another node. */
  meet(other: Replica): void {
    if (!this.network.dial(this.transport, other.transport))
      throw new Error("cannot reach each other");
  }

  part(other: Replica): void {
    const connection = this.network.between(this.transport, other.transport);
    if (connection !== undefined) this.network.hangUp(connection);
  }

  /** Resolves when what was written last is gossiped; time must pass meanwhile. */
  announced: Promise<unknown> = Promise.resolve();

  /** Writes texts to the own log, on disk, and begins to gossip them unless `quiet`. */
  async write(texts: readonly string[], options: { quiet?: boolean } = {}): Promise<StoredEvent[]> {
    const written: StoredEvent[] = [];
    for (const text of texts) written.push(await this.#sign(KIND_TEXT, encodeText(text)));
    if (options.quiet !== true) {
      this.announced = this.replicator.announce(this.room.roomId, written);
      // Whoever awaits it gets the error; nobody has to.
      this.announced.catch(() => undefined);
    }
    return written;
  }

  /** Says something about an owned room, as if it knew no rules, and gossips it. @param auth what it says it has seen */
  async say(control: Control, auth: readonly Uint8Array[]): Promise<void> {
    const event = await this.#sign(kindOf(control), encodeControl(control), auth);
    this.announced = this.replicator.announce(this.room.roomId, [event]);
    this.announced.catch(() => undefined);
  }

  /** Makes the certificates of writers known, as if their pages had come. */
  async certify(writers: readonly Writer[]): Promise<void> {
    for (const { certificate } of writers) {
      await this.store.putCertificate(
        certificate.root,
        certificate.device,
        certificate.serial,
        certificate.wire,
      );
    }
  }

  /** Ids of all stored events, sorted. */
  async ids(): Promise<string[]> {
    return (await this.log.positions({ limit: Infinity })).map(({ id }) => toHex(id));
  }

  count(): number {
    return this.log.count();
  }

  async stop(): Promise<void> {
    await this.replicator.stop();
    await this.transport.stop();
    await this.store.close();
  }

  async #sign(
    kind: number,
    content: Uint8Array,
    auth: readonly Uint8Array[] = [],
  ): Promise<StoredEvent> {
    const chain = await this.log.chain(this.root, this.device);
    const heads = (await this.log.heads(8)).filter(({ moment }) =>
      mayBeParent(moment, this.#nowMs()),
    );
    const prev = chain?.tip.id ?? null;
    const parents = heads.filter(({ id }) => prev === null || toHex(id) !== toHex(prev));
    const moments = [...parents.map(({ moment }) => moment), chain?.tip.moment ?? 0];
    const event = createEvent(nodeCrypto, {
      roomId: this.room.roomId,
      root: this.root,
      signer: this.#signer,
      kind,
      seq: (chain?.tip.seq ?? 0) + 1,
      prev,
      parents: parents.map(({ id }) => id).sort((a, b) => Buffer.compare(a, b)),
      auth,
      moment: nextMoment(this.#nowMs(), moments),
      content,
    });
    await this.log.append([{ event, proof: "verified", counts: false }], { sync: true });
    return { ...event, proof: "verified" };
  }

  #listener(): ReplicatorListener {
    const said = this.said;
    return {
      coming: (_, stored) => void said.coming.push(...stored.map(({ event }) => toHex(event.id))),
      stored: (_, stored, source) =>
        void said.stored.push(...stored.map((one) => ({ ...one, source }))),
      held: (_, device, seq, root) =>
        void said.held.push({ device: toHex(device), seq, root: toHex(root) }),
      named: (root, name) => void said.named.push({ root: toHex(root), name }),
      greeted: (peer, root, offsetMs) =>
        void said.greeted.push({ peerId: peer.peerId, root: toHex(root), offsetMs }),
      ownAhead: (_, events) => void said.ownAhead.push(...events),
      confirmed: (_, peerId) => void said.confirmed.push(peerId),
      equal: (_, peerId) => void said.equal.push(peerId),
      progress: (_, __, done, total) => void said.progress.push({ done, total }),
      ended: () => undefined,
    };
  }
}
