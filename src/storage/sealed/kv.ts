/** A database whose values are sealed and whose keys hide what names anything (docs/spec/at-rest.md), behind the Kv port. */
import { compare } from "../../core/codec/bytes.ts";
import { STORE_BATCH_MAX_COUNT } from "../../core/codec/limits.ts";
import { damagedError } from "../errors.ts";
import { TABLE } from "../keys.ts";
import type { Kv, KvPut, KvRange } from "../kv.ts";
import { Puts } from "../puts.ts";
import { FirstValues } from "./first-values.ts";
import { deriveKey, Keys, type Shape } from "./keys.ts";
import { Values } from "./values.ts";

/** So many puts are sealed together. */
const SEALED_AT_ONCE_COUNT = 64;

/** A key as it lies in the database, and what it stands for. */
interface Row {
  readonly hidden: Uint8Array;
  readonly key: Uint8Array;
  readonly sealed: Uint8Array | undefined;
}

type Read = (range: KvRange) => Promise<Row[]>;

export class SealedKv implements Kv {
  readonly #kv: Kv;
  readonly #keys: Keys;
  readonly #values: Values;
  readonly #firstValues: FirstValues;

  /** @param storeKey 32 random bytes of this store alone */
  constructor(kv: Kv, storeKey: Uint8Array) {
    this.#kv = kv;
    this.#keys = new Keys(storeKey);
    this.#values = new Values(
      deriveKey(storeKey, "value-marks"),
      deriveKey(storeKey, "value-streams"),
    );
    this.#firstValues = new FirstValues(deriveKey(storeKey, "values"));
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const [hidden] = this.#keys.hide([key]) as [Uint8Array];
    const sealed = this.#kv.get(hidden);
    return sealed && this.#open([hidden], [sealed])[0];
  }

  async write(puts: Iterable<KvPut>, sync: boolean): Promise<void> {
    const hidden = new Puts();
    let some: KvPut[] = [];
    for (const put of puts) {
      some.push(put);
      if (some.length < SEALED_AT_ONCE_COUNT) continue;
      this.#seal(some, hidden);
      some = [];
    }
    this.#seal(some, hidden);
    await this.#kv.write(hidden, sync);
    hidden.release();
  }

  async entries(range: KvRange): Promise<[Uint8Array, Uint8Array][]> {
    const read: Read = async (hidden) => this.#rows(await this.#kv.entries(hidden));
    const rows = await this.#scan(range, read);
    const values = this.#open(
      rows.map(({ hidden }) => hidden),
      rows.map(({ sealed }) => sealed as Uint8Array),
    );
    return rows.map(({ key }, i) => [key, values[i] as Uint8Array]);
  }

  async keys(range: KvRange): Promise<Uint8Array[]> {
    const read: Read = async (hidden) =>
      this.#rows((await this.#kv.keys(hidden)).map((key) => [key, undefined]));
    return (await this.#scan(range, read)).map(({ key }) => key);
  }

  close(): Promise<void> {
    return this.#kv.close();
  }

  /** What a record found in a damaged store says, or undefined where it was changed or belongs elsewhere. */
  unseal(
    hidden: Uint8Array,
    sealed: Uint8Array | null,
  ): { key: Uint8Array; value: Uint8Array | null } | undefined {
    try {
      const value = sealed && (this.#open([hidden], [sealed])[0] as Uint8Array);
      return { key: this.#keys.show([hidden])[0] as Uint8Array, value };
    } catch {
      return undefined;
    }
  }

  #seal(puts: readonly KvPut[], to: Puts): void {
    const places = this.#keys.hide(puts.map(({ key }) => key));
    const plains = puts.map(({ value }) => value);
    const sealed = this.#values.seal(
      places.filter((_, i) => plains[i] !== null),
      plains.filter((plain) => plain !== null),
    );
    let next = 0;
    for (const [i, place] of places.entries()) {
      const plain = plains[i] ?? null;
      const value = plain && (sealed[next++] as Uint8Array);
      const isSchema = plain !== null && place[0] === TABLE.schema;
      to.put(place, isSchema ? this.#firstValues.seal(place, plain) : value);
    }
  }

  /** @throws ParleyError `store-damaged` for what was not sealed for its place by this store */
  #open(places: readonly Uint8Array[], sealed: readonly Uint8Array[]): Uint8Array[] {
    const opened: Uint8Array[] = [];
    for (let from = 0; from < sealed.length; from += SEALED_AT_ONCE_COUNT) {
      const part = sealed.slice(from, from + SEALED_AT_ONCE_COUNT);
      const parts = places.slice(from, from + SEALED_AT_ONCE_COUNT);
      for (const [i, plain] of this.#values.tryOpen(parts, part).entries())
        opened.push(plain ?? this.#openFirst(parts[i] as Uint8Array, part[i] as Uint8Array));
    }
    return opened;
  }

  /** Written by an earlier version, or damaged. */
  #openFirst(place: Uint8Array, sealed: Uint8Array): Uint8Array {
    const plain = this.#firstValues.tryOpen(place, sealed);
    if (plain) return plain;
    throw damagedError("the profile", new Error("a sealed value that was changed or moved"));
  }

  #rows(found: readonly (readonly [Uint8Array, Uint8Array | undefined])[]): Row[] {
    const keys = this.#keys.show(found.map(([hidden]) => hidden));
    return found.map(([hidden, sealed], i) => ({ hidden, key: keys[i] as Uint8Array, sealed }));
  }

  #scan(range: KvRange, read: Read): Promise<Row[]> {
    const table = range.gte[0] as number;
    if (table === TABLE.meta) return allOf(range, read);
    const shape = this.#keys.shape(table);
    if (!shape) return read(range);
    if (shape.ordered) return inOrder(range, shape, read);
    const full = shape.clear + shape.ids;
    if (range.lt.length > shape.clear || isBetween(range.gte.length, shape.clear, full))
      return matching(range, shape, read);
    return read({ ...range, gte: this.#cursor(range.gte, full) });
  }

  /** From this key on, in the order in which they lie: who goes through a table of ids needs no other. */
  #cursor(gte: Uint8Array, full: number): Uint8Array {
    if (gte.length < full) return gte;
    const [hidden] = this.#keys.hide([gte.slice(0, full)]) as [Uint8Array];
    if (gte.length === full) return hidden;
    const after = new Uint8Array(full + 1);
    after.set(hidden);
    return after;
  }
}

/** Small records: there are few, so all are looked through. */
async function allOf({ gte, lt, reverse = false, limit }: KvRange, read: Read): Promise<Row[]> {
  const table = gte[0] as number;
  const rows = await read({ gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1) });
  const found = rows.filter(({ key }) => isWithin(key, gte, lt));
  found.sort((a, b) => (reverse ? compare(b.key, a.key) : compare(a.key, b.key)));
  return found.slice(0, limit);
}

/** Ids that begin in some way: the whole table is looked through, a batch at a time. */
async function matching(
  { gte, lt, limit = Infinity }: KvRange,
  { clear }: Shape,
  read: Read,
): Promise<Row[]> {
  const found: Row[] = [];
  const end = afterPrefix(gte.subarray(0, clear));
  for (let from: Uint8Array = gte.slice(0, clear); found.length < limit;) {
    const rows = await read({ gte: from, lt: end, limit: STORE_BATCH_MAX_COUNT });
    found.push(...rows.filter(({ key }) => isWithin(key, gte, lt)));
    const last = rows.at(-1);
    if (!last || rows.length < STORE_BATCH_MAX_COUNT) break;
    from = following(last.hidden);
  }
  return found.slice(0, limit);
}

/** What lies in the order of time, and where one moment has several in that of their ids. */
async function inOrder(range: KvRange, { clear }: Shape, read: Read): Promise<Row[]> {
  const { gte, lt, reverse = false, limit = Infinity } = range;
  const found: Row[] = [];
  let low: Uint8Array = gte.slice(0, clear);
  let high = lt.length > clear ? afterPrefix(lt.subarray(0, clear)) : lt;
  for (;;) {
    // One more than is wanted shows whether the last moment is whole.
    const most = limit - found.length + 1;
    const part = Number.isFinite(most) ? { limit: most } : {};
    let rows = await read({ gte: low, lt: high, reverse, ...part });
    const ended = rows.length < most;
    if (!ended) {
      const moment = (rows.at(-1) as Row).hidden.slice(0, clear);
      const before = rows.findIndex(({ hidden }) => hasPrefix(hidden, moment));
      if (before > 0) {
        rows = rows.slice(0, before);
        if (reverse) high = afterPrefix(moment);
        else low = moment;
      } else {
        rows = await read({ gte: moment, lt: afterPrefix(moment), reverse });
        if (reverse) high = moment;
        else low = afterPrefix(moment);
      }
    }
    sortMoments(rows, clear, reverse);
    found.push(...rows.filter(({ key }) => isWithin(key, gte, lt)));
    if (ended || found.length >= limit) return found.slice(0, limit);
  }
}

/** Sorts what shares a moment, which is rare. */
function sortMoments(rows: Row[], clear: number, reverse: boolean): void {
  for (let start = 0; start < rows.length;) {
    const moment = (rows[start] as Row).key.subarray(0, clear);
    let end = start + 1;
    while (end < rows.length && hasPrefix((rows[end] as Row).key, moment)) end++;
    if (end - start > 1) {
      const group = rows.slice(start, end);
      group.sort((a, b) => (reverse ? compare(b.key, a.key) : compare(a.key, b.key)));
      rows.splice(start, group.length, ...group);
    }
    start = end;
  }
}

function isBetween(length: number, above: number, below: number): boolean {
  return length > above && length < below;
}

function isWithin(key: Uint8Array, gte: Uint8Array, lt: Uint8Array): boolean {
  return compare(key, gte) >= 0 && compare(key, lt) < 0;
}

function hasPrefix(key: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = prefix.length - 1; i >= 0; i--) if (key[i] !== prefix[i]) return false;
  return true;
}

/** The key right behind this one. */
function following(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** The first key that does not begin with `prefix`. */
function afterPrefix(prefix: Uint8Array): Uint8Array {
  const after = prefix.slice();
  for (let i = after.length - 1; i >= 0; i--) {
    if (after[i] === 0xff) continue;
    after[i] = (after[i] as number) + 1;
    return after.slice(0, i + 1);
  }
  return Uint8Array.of(0xff);
}
