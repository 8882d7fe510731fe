/**
 * What of a database key is hidden in a sealed store (docs/spec/at-rest.md). Ids are hashes or keys, so each block of one is
 * enciphered for itself; times and local numbers stay, because they keep the order. Names of small records are sealed whole.
 */
import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type Decipheriv,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { concat, equal } from "../../core/codec/bytes.ts";
import { allocate } from "../../core/codec/arena.ts";
import { damagedError } from "../errors.ts";
import { ID_OFFSET, ID_PREFIX_BYTES, TABLE } from "../keys.ts";

const MARK_BYTES = 16;

export interface Shape {
  /** So many bytes stand as they are. */
  readonly clear: number;
  /** Bytes of ids behind them, in blocks of 16. */
  readonly ids: number;
  /** Keys are asked for in the order of what is hidden too. */
  readonly ordered: boolean;
}

/** Tables with ids in their keys; of those that are not here, keys hold numbers and times alone, or HMACs. */
const SHAPES: ReadonlyMap<number, Shape> = new Map([
  [TABLE.event, { clear: ID_OFFSET, ids: 32, ordered: true }],
  [TABLE.pool, { clear: ID_OFFSET, ids: 32, ordered: true }],
  [TABLE.head, { clear: ID_OFFSET, ids: 32, ordered: true }],
  [TABLE.control, { clear: ID_OFFSET, ids: 32, ordered: true }],
  [TABLE.statement, { clear: ID_OFFSET, ids: 32, ordered: true }],
  [TABLE.id, { clear: 5, ids: ID_PREFIX_BYTES, ordered: false }],
  [TABLE.missing, { clear: 5, ids: 32, ordered: false }],
  [TABLE.latest, { clear: 7, ids: 32, ordered: false }],
  [TABLE.room, { clear: 1, ids: 32, ordered: false }],
  [TABLE.certificate, { clear: 1, ids: 64, ordered: false }],
]);

/** Keys of their own for each use, from the 32 bytes of the store. */
export function deriveKey(storeKey: Uint8Array, use: string): Uint8Array {
  const info = `parley/at-rest/1/${use}`;
  return new Uint8Array(hkdfSync("sha256", storeKey, new Uint8Array(0), info, 32));
}

export class Keys {
  readonly #hideIds: Cipheriv;
  readonly #showIds: Decipheriv;
  readonly #names: KeyObject;
  readonly #marks: KeyObject;

  constructor(storeKey: Uint8Array) {
    const ids = createSecretKey(deriveKey(storeKey, "ids"));
    this.#hideIds = createCipheriv("aes-256-ecb", ids, null).setAutoPadding(false);
    this.#showIds = createDecipheriv("aes-256-ecb", ids, null).setAutoPadding(false);
    this.#names = createSecretKey(deriveKey(storeKey, "names"));
    this.#marks = createSecretKey(deriveKey(storeKey, "marks"));
  }

  shape(table: number): Shape | undefined {
    return SHAPES.get(table);
  }

  hide(keys: readonly Uint8Array[]): Uint8Array[] {
    const hidden = this.#ids(this.#hideIds, keys);
    for (const [i, key] of keys.entries())
      if (key[0] === TABLE.meta) hidden[i] = this.#hideName(key);
    return hidden;
  }

  /** @throws ParleyError `store-damaged` */
  show(hidden: readonly Uint8Array[]): Uint8Array[] {
    const keys = this.#ids(this.#showIds, hidden);
    for (const [i, each] of hidden.entries())
      if (each[0] === TABLE.meta) keys[i] = this.#showName(each);
    return keys;
  }

  /** The blocks of all of them at once: what the platform is asked for one costs as much as a hundred. */
  #ids(cipher: Cipheriv | Decipheriv, keys: readonly Uint8Array[]): Uint8Array[] {
    let bytes = 0;
    for (const key of keys) bytes += idBytes(key);
    if (bytes === 0) return [...keys];
    const blocks = new Uint8Array(bytes);
    let at = 0;
    for (const key of keys) {
      const length = idBytes(key);
      if (length === 0) continue;
      blocks.set(key.subarray(key.length - length), at);
      at += length;
    }
    const changed = cipher.update(blocks);
    let next = 0;
    return keys.map((key) => {
      const length = idBytes(key);
      if (length === 0) return key;
      const out = allocate(key.length);
      out.set(key.subarray(0, key.length - length));
      out.set(changed.subarray(next, (next += length)), key.length - length);
      return out;
    });
  }

  /** Synthetic IV: a mark over the name, and the name enciphered under the mark. */
  #hideName(key: Uint8Array): Uint8Array {
    const name = key.subarray(1);
    const mark = this.#mark(name);
    const hidden = createCipheriv("aes-256-ctr", this.#names, mark).update(name);
    return concat(key.subarray(0, 1), mark, hidden);
  }

  #showName(hidden: Uint8Array): Uint8Array {
    const mark = hidden.subarray(1, 1 + MARK_BYTES);
    if (mark.length < MARK_BYTES) throw changed();
    const decipher = createDecipheriv("aes-256-ctr", this.#names, mark);
    const name = decipher.update(hidden.subarray(1 + MARK_BYTES));
    if (!equal(this.#mark(name), mark)) throw changed();
    return concat(hidden.subarray(0, 1), name);
  }

  #mark(name: Uint8Array): Uint8Array {
    const mark = createHmac("sha256", this.#marks).update(name).digest();
    return new Uint8Array(mark).slice(0, MARK_BYTES);
  }
}

function changed() {
  return damagedError("the profile", new Error("the name of a record was changed"));
}

/** How many bytes of ids are at the end of a key. */
function idBytes(key: Uint8Array): number {
  const shape = SHAPES.get(key[0] as number);
  return shape && key.length === shape.clear + shape.ids ? shape.ids : 0;
}
