/**
 * Reads what is whole out of the files of a damaged store into a fresh one. LevelDB's own repair gives up a whole table whose
 * index is broken and keeps bytes that have changed, so it is not used (docs/adr/0096-own-reader-of-damaged-stores.md).
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { concat, equal, fromHex, fromUtf8, toHex } from "../../core/codec/bytes.ts";
import { decodeCbor } from "../../core/codec/cbor.ts";
import { STORE_BATCH_MAX_COUNT } from "../../core/codec/limits.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import { decodeCertificate } from "../../core/identity/certificate.ts";
import type { Certificate } from "../../core/identity/types.ts";
import type { IncomingEvent, Store } from "../../core/interfaces.ts";
import { verifyEvent } from "../../core/log/event.ts";
import { type Counters, decodeCounters } from "../counters.ts";
import { proofOf, wasCounted } from "../event-value.ts";
import { readUint, TABLE } from "../keys.ts";
import type { Found } from "./entries.ts";
import { readLog } from "./log-file.ts";
import { Owners } from "./owners.ts";
import { readTable } from "./table-file.ts";

const FILE = /^\d+\.(ldb|sst|log)$/;
const ROOM_IN_KEY = /[0-9a-f]{64}/;

/** @param doneBytes of the store's files, each of which is read twice. */
export type SalvageProgress = (doneBytes: number, totalBytes: number) => void;

/** A record of a sealed store in clear; undefined for what was changed. A value of null says that it was deleted. */
export type Unseal = (
  key: Uint8Array,
  value: Uint8Array | null,
) => Pick<Found, "key" | "value"> | undefined;

export class Salvage {
  readonly #files: { readonly path: string; readonly bytes: number }[];
  readonly #crypto: Crypto;
  readonly #owners: Owners;
  readonly #progress: SalvageProgress;
  readonly #unseal: Unseal | undefined;
  /** Newest whole records of the tables that are small. */
  readonly #small = new Map<string, Found>();
  readonly certificates: Certificate[] = [];
  /** Ids of the events that are no longer themselves. */
  readonly #dropped = new Set<string>();
  #doneBytes = 0;

  private constructor(
    files: { path: string; bytes: number }[],
    crypto: Crypto,
    progress: SalvageProgress,
    unseal: Unseal | undefined,
  ) {
    this.#unseal = unseal;
    this.#files = files;
    this.#crypto = crypto;
    this.#owners = new Owners(crypto);
    this.#progress = progress;
  }

  /** Reads everything but the events. @param folder of the damaged store @param unseal opens the records of a sealed one */
  static async open(
    folder: string,
    crypto: Crypto,
    progress: SalvageProgress,
    unseal?: Unseal,
  ): Promise<Salvage> {
    const files = [];
    for (const name of (await readdir(folder)).filter((each) => FILE.test(each))) {
      const path = join(folder, name);
      files.push({ path, bytes: (await stat(path)).size });
    }
    const salvage = new Salvage(files, crypto, progress, unseal);
    for await (const found of salvage.#all()) salvage.#gather(found);
    salvage.#nameOwners();
    return salvage;
  }

  get dropped(): number {
    return this.#dropped.size;
  }

  /** The newest whole value under each key of a table. */
  records(table: number): { key: Uint8Array; value: Uint8Array }[] {
    return [...this.#small.values()].flatMap(({ key, value }) =>
      key[0] === table && value ? [{ key, value }] : [],
    );
  }

  /** What was counted in a room, by its id in hex. */
  counters(): Map<string, Counters> {
    const ids = this.#roomNumbers();
    const counters = new Map<string, Counters>();
    for (const { key, value } of this.records(TABLE.counters)) {
      const roomId = ids.get(readUint(key, 1, 4));
      const decoded = attempt(() => decodeCounters(value));
      if (roomId && decoded) counters.set(toHex(roomId), decoded);
    }
    return counters;
  }

  /** Stores every event that is still itself. */
  async events(store: Store): Promise<void> {
    const waiting = new Map<string, IncomingEvent[]>();
    const kept = new Set<string>();
    for await (const found of this.#all()) {
      if (!mayBeEvent(found)) continue;
      const owned = this.#owners.eventOf(found.key, found.value as Uint8Array);
      const incoming = owned && this.#incoming(found, owned.event);
      const id = toHex(found.key.subarray(-32));
      if (!owned || !incoming) {
        if (!kept.has(id)) this.#dropped.add(id);
        continue;
      }
      if (this.#dropped.delete(id) || !found.whole) kept.add(id);
      const room = toHex(owned.roomId);
      const events = waiting.get(room) ?? [];
      waiting.set(room, events);
      events.push(incoming);
      if (events.length < STORE_BATCH_MAX_COUNT) continue;
      waiting.delete(room);
      await (await store.room(owned.roomId)).append(events);
    }
    for (const [room, events] of waiting) await (await store.room(fromHex(room))).append(events);
    for (const room of waiting.keys()) await this.#forgetKept(await store.room(fromHex(room)));
  }

  /** A second, damaged copy of an event that was kept is no loss. */
  async #forgetKept(log: Awaited<ReturnType<Store["room"]>>): Promise<void> {
    const ids = [...this.#dropped].map(fromHex);
    const has = await log.has(ids);
    ids.forEach((id, i) => has[i] === true && this.#dropped.delete(toHex(id)));
  }

  /** A signature is not covered by the id, so in a damaged block it must verify. */
  #incoming({ value, whole }: Found, event: IncomingEvent["event"]): IncomingEvent | undefined {
    const counts = wasCounted(value as Uint8Array);
    const copy = { ...event, content: event.content.slice(), signature: event.signature.slice() };
    if (whole) return { event: copy, proof: proofOf(value as Uint8Array), counts };
    return verifyEvent(this.#crypto, event)
      ? { event: copy, proof: "verified", counts }
      : undefined;
  }

  #gather(found: Found): void {
    const { key, value, whole } = found;
    switch (key[0]) {
      case TABLE.certificate:
        if (value) this.#gatherCertificate(key, value);
        break;
      case TABLE.room:
        if (key.length === 33) this.#owners.addRoom(key.slice(1));
        break;
      case TABLE.author:
        if (value) this.#gatherAuthor(value);
        break;
      case TABLE.meta:
      case TABLE.schema:
      case TABLE.counters:
        break;
      default:
        return;
    }
    if (!whole || key[0] === TABLE.certificate) return;
    const name = String.fromCharCode(...key);
    const known = this.#small.get(name);
    if (known && known.sequence > found.sequence) return;
    this.#small.set(name, { ...found, key: key.slice(), value: value && value.slice() });
    const room = key[0] === TABLE.meta && ROOM_IN_KEY.exec(fromUtf8(key.subarray(1)));
    if (room) this.#owners.addRoom(fromHex(room[0]));
  }

  #gatherCertificate(key: Uint8Array, value: Uint8Array): void {
    const found = attempt(() => decodeCertificate(this.#crypto, value.slice(8)));
    if (!found || !equal(key.subarray(1), concat(found.root, found.device))) return;
    this.certificates.push(found);
    this.#owners.addPair(found.root, found.device);
  }

  #gatherAuthor(value: Uint8Array): void {
    const pair = pairOf(value);
    if (pair) this.#owners.addPair(...pair);
  }

  #roomNumbers(): Map<number, Uint8Array> {
    const rooms = this.records(TABLE.room);
    return new Map(rooms.map(({ key, value }) => [readUint(value, 0, 4), key.slice(1)]));
  }

  #nameOwners(): void {
    const ids = this.#roomNumbers();
    for (const { key, value } of this.records(TABLE.author)) {
      const room = readUint(key, 1, 4);
      const roomId = ids.get(room);
      const pair = pairOf(value);
      if (!roomId || !pair) continue;
      const [root, device] = pair;
      this.#owners.name(room, readUint(key, 5, 4), { roomId, root, device });
    }
  }

  /** What a sealed record says. Whatever its block's checksum, it is as it was written. */
  #open(found: Found): Found | undefined {
    if (!this.#unseal) return found;
    const opened = this.#unseal(found.key, found.value);
    return opened && { ...opened, sequence: found.sequence, whole: found.whole || !!opened.value };
  }

  async *#all(): AsyncGenerator<Found> {
    const total = 2 * this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of this.#files) {
      const file = await readFile(path);
      for (const found of path.endsWith(".log") ? readLog(file) : readTable(file)) {
        const opened = this.#open(found);
        if (opened) yield opened;
      }
      this.#doneBytes += bytes;
      this.#progress(this.#doneBytes, total);
    }
  }
}

/** The values of a table's damaged index are shorter than a signature. */
function mayBeEvent({ key, value }: Found): boolean {
  return (key[0] === TABLE.event || key[0] === TABLE.pool) && value !== null && value.length > 64;
}

/** Root and device of an author's record. */
function pairOf(value: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  const fields = attempt(() => decodeCbor(value.slice()));
  if (!Array.isArray(fields)) return undefined;
  const [root, device] = fields;
  return root instanceof Uint8Array && device instanceof Uint8Array ? [root, device] : undefined;
}

/** What comes from damaged bytes may be anything. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
