/** A profile's store over an ordered key-value database. */
import { compare } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { fromUtf8 } from "../core/codec/bytes.ts";
import { EVENTS_PER_DEVICE_DAY_MAX_COUNT } from "../core/codec/limits.ts";
import type { MetaChange, RoomLog, Store, StoreProgress, StoreReport } from "../core/interfaces.ts";
import { checkRoom } from "./check.ts";
import {
  certificateKey,
  metaKey,
  readUint,
  roomKey,
  SCHEMA_KEY,
  TABLE,
  writeUint,
} from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";
import { openSchema, SCHEMA_VERSION, schemaRecord, type SchemaState } from "./migrations.ts";
import { rebuildRoom } from "./rebuild.ts";
import { RoomIndexes } from "./room-indexes.ts";
import { LevelRoomLog } from "./room-log.ts";
import { StoreIndex } from "./search/index.ts";
import { Writer } from "./writer.ts";

export interface StoreOptions {
  /** "process" leaves the disk's timing to the system: a power loss may then lose own events that others have. */
  readonly durability?: "sync" | "process";
  /** Events per device and day; other than the default only in tests. */
  readonly quota?: number;
}

interface OpenRoom {
  readonly number: number;
  readonly indexes: RoomIndexes;
  readonly log: RoomLog;
}

/** Opens a store over a database that is open. @throws ParleyError `store-newer`, `store-damaged` */
export async function openOver(kv: Kv, options: StoreOptions = {}): Promise<KvStore> {
  const unfinished = await openSchema(kv);
  const index = await StoreIndex.open(kv, (roomId) => store.room(roomId));
  const store: KvStore = new KvStore(kv, options, index);
  if (unfinished === "rebuilding") await store.rebuild();
  return store;
}

export class KvStore implements Store {
  readonly #kv: Kv;
  readonly #writer: Writer;
  readonly #quota: number;
  readonly #rooms = new Map<string, Promise<OpenRoom>>();
  readonly #open: OpenRoom[] = [];
  readonly index: StoreIndex;

  constructor(kv: Kv, options: StoreOptions, index: StoreIndex) {
    this.#kv = kv;
    this.index = index;
    this.#quota = options.quota ?? EVENTS_PER_DEVICE_DAY_MAX_COUNT;
    this.#writer = new Writer(kv, options.durability !== "process");
  }

  async rooms(): Promise<Uint8Array[]> {
    const keys = await this.#kv.keys({
      gte: Uint8Array.of(TABLE.room),
      lt: Uint8Array.of(TABLE.room + 1),
    });
    return keys.map((key) => key.slice(1));
  }

  async room(roomId: Uint8Array): Promise<RoomLog> {
    return (await this.#room(roomId)).log;
  }

  async getMeta(key: string): Promise<Uint8Array | undefined> {
    return this.#kv.get(metaKey(key))?.slice();
  }

  async listMeta(prefix: string): Promise<{ key: string; value: Uint8Array }[]> {
    const gte = metaKey(prefix);
    const entries = await this.#kv.entries({ gte, lt: Uint8Array.of(TABLE.meta + 1) });
    const found = [];
    for (const [key, value] of entries) {
      if (compare(key.subarray(0, gte.length), gte) !== 0) break;
      found.push({ key: fromUtf8(key.subarray(1)), value: value.slice() });
    }
    return found;
  }

  writeMeta(changes: readonly MetaChange[]): Promise<void> {
    return this.#write(
      changes.map(({ key, value }) => ({ key: metaKey(key), value })),
      true,
    );
  }

  async certificate(root: Uint8Array, device: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#kv.get(certificateKey(root, device))?.slice(8);
  }

  async putCertificate(
    root: Uint8Array,
    device: Uint8Array,
    serial: number,
    wire: Uint8Array,
  ): Promise<void> {
    const key = certificateKey(root, device);
    const known = this.#kv.get(key);
    if (known && readUint(known, 0, 8) >= serial) return;
    const value = new Uint8Array(8 + wire.length);
    writeUint(value, 0, serial, 8);
    value.set(wire, 8);
    await this.#write([{ key, value }], false);
  }

  async check(progress: StoreProgress = () => undefined): Promise<StoreReport> {
    const report = await this.#eachRoom(progress, async ({ number, indexes }, step) =>
      this.#checkRoom(number, indexes, step),
    );
    return { ...report, problems: [...report.problems, ...(await this.index.check(progress))] };
  }

  async rebuild(progress: StoreProgress = () => undefined): Promise<StoreReport> {
    await this.#setState("rebuilding");
    await this.index.clear();
    const report = await this.#eachRoom(progress, async ({ number, indexes }, step) =>
      rebuildRoom(this.#kv, number, indexes, step),
    );
    await this.#setState("ready");
    await this.index.settle(progress);
    return report;
  }

  async close(): Promise<void> {
    // Where nothing can be written any more, the events tell what a checkpoint would.
    await this.#checkpoint().catch(() => undefined);
    await this.#writer.idle();
    await this.#kv.close();
  }

  /** Cut short while it says "rebuilding", a rebuild begins again at the next start. */
  #setState(state: SchemaState): Promise<void> {
    return this.#kv.write([{ key: SCHEMA_KEY, value: schemaRecord(SCHEMA_VERSION, state) }], true);
  }

  async #eachRoom(
    progress: StoreProgress,
    work: (room: OpenRoom, step: (events: number) => void) => Promise<string[]>,
  ): Promise<StoreReport> {
    const ids = await this.rooms();
    const problems: string[] = [];
    let done = 0;
    let total = 0;
    for (const id of ids) total += (await this.room(id)).count();
    await this.#checkpoint();
    for (const id of ids) {
      const found = await work(await this.#room(id), (events) => {
        done += events;
        progress(done, Math.max(done, total), "events");
      });
      problems.push(...found);
    }
    return { rooms: ids.length, events: done, problems };
  }

  /** What is written while it is compared would look wrong: then it is compared once more, with the writer waiting. */
  async #checkRoom(
    number: number,
    indexes: RoomIndexes,
    step: (events: number) => void,
  ): Promise<string[]> {
    const { version } = indexes.trie;
    const problems = await checkRoom(this.#kv, number, indexes, step);
    if (problems.length === 0 || indexes.trie.version === version) return problems;
    return new Promise((resolve, reject) => {
      let found: string[] = [];
      const job = { size: 0, sync: false, puts: [], failed: reject };
      this.#writer.add({ ...job, room: indexes, checkpoint: true, done: () => undefined });
      this.#writer.add({
        ...job,
        alone: true,
        stage: async () => {
          found = await checkRoom(this.#kv, number, indexes, () => undefined);
        },
        done: () => resolve(found),
      });
    });
  }

  #room(roomId: Uint8Array): Promise<OpenRoom> {
    if (roomId.length !== 32) throw new ParleyError("bad-room-id", "A room id has 32 bytes.");
    const name = String.fromCharCode(...roomId);
    let opening = this.#rooms.get(name);
    if (!opening) {
      opening = this.#openRoom(roomId.slice());
      this.#rooms.set(name, opening);
      opening.catch(() => this.#rooms.delete(name));
    }
    return opening;
  }

  async #openRoom(roomId: Uint8Array): Promise<OpenRoom> {
    const key = roomKey(roomId);
    let record = this.#kv.get(key);
    if (!record) {
      record = new Uint8Array(4);
      writeUint(record, 0, await this.#nextNumber(), 4);
      await this.#write([{ key, value: record }], true);
    }
    const number = readUint(record, 0, 4);
    const indexes = new RoomIndexes(this.#kv, number, this.#quota, [this.index.ofRoom(number)]);
    await indexes.load();
    const log = new LevelRoomLog({
      kv: this.#kv,
      writer: this.#writer,
      indexes,
      roomId,
      room: number,
    });
    const room = { number, indexes, log };
    this.#open.push(room);
    return room;
  }

  /** Writes what every open room keeps in memory, behind all that waits. */
  async #checkpoint(): Promise<void> {
    await Promise.all(
      this.#open.map(
        ({ indexes }) =>
          new Promise<void>((done, failed) => {
            const [size, sync, checkpoint] = [0, false, true];
            this.#writer.add({ size, sync, puts: [], room: indexes, checkpoint, done, failed });
          }),
      ),
    );
  }

  #numbers = 0;

  /** Numbers are never used twice, also by two rooms opened at once. */
  async #nextNumber(): Promise<number> {
    const entries = await this.#kv.entries({
      gte: Uint8Array.of(TABLE.room),
      lt: Uint8Array.of(TABLE.room + 1),
    });
    for (const [, value] of entries) this.#numbers = Math.max(this.#numbers, readUint(value, 0, 4));
    return ++this.#numbers;
  }

  #write(puts: readonly KvPut[], sync: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer.add({
        size: puts.length,
        sync,
        puts,
        done: resolve,
        failed: reject,
      });
    });
  }
}
