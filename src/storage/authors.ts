/** The authors of a room under local numbers: memory grows with the people of a room, not with its history. */
import { type CborValue, decodeCbor, encodeCbor } from "../core/codec/cbor.ts";
import { AuthorTable } from "../core/log/author-table.ts";
import type { Chain } from "../core/log/types.ts";
import type { Recent } from "./heads.ts";
import type { Islands } from "./islands.ts";
import { authorKey, readUint, TABLE, tableRange } from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";

/** One (root, device), as in the record. */
export interface Author extends Islands {
  readonly number: number;
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  count: number;
  /** Seq up to which the chain was here without a gap, and was pruned or lies below the floor. */
  base: number;
  tip: { seq: number; moment: number; id: Uint8Array };
  equivocated: boolean;
  /** The event handled last: the next one often names it. Not stored. */
  last: Recent | undefined;
}

const NO_ID = new Uint8Array(32);

export class Authors {
  readonly #room: number;
  readonly #byKeys = new AuthorTable<Author>();
  readonly #byNumber: Author[] = [];
  readonly #changed = new Set<Author>();
  #made: KvPut[] = [];

  constructor(room: number) {
    this.#room = room;
  }

  async load(kv: Kv): Promise<void> {
    for (const [key, value] of await kv.entries(tableRange(TABLE.author, this.#room)))
      this.#keep(decodeAuthor(readUint(key, 5, 4), value.slice()));
  }

  find(root: Uint8Array, device: Uint8Array): Author | undefined {
    return this.#byKeys.get(root, device);
  }

  byNumber(number: number): Author | undefined {
    return this.#byNumber[number];
  }

  all(): readonly Author[] {
    return this.#byNumber.filter((author) => author !== undefined);
  }

  /** The author, under a new number when it is not known yet. */
  of(root: Uint8Array, device: Uint8Array): Author {
    const known = this.find(root, device);
    if (known) return known;
    const author = emptyAuthor(this.#byNumber.length, root.slice(), device.slice());
    this.#keep(author);
    this.#made.push(this.#put(author));
    return author;
  }

  /** The author's chain has changed: its record belongs to the next checkpoint. */
  changed(author: Author): void {
    this.#changed.add(author);
  }

  /** Forgets every chain and keeps the numbers, before indexes are built again. */
  forgetChains(): void {
    for (const { number, root, device, base } of this.all()) {
      const author = { ...emptyAuthor(number, root, device), base, gapFreeSeq: base };
      this.#keep(author);
      this.#changed.add(author);
    }
  }

  /** Records of new authors, which must be there with their first event. */
  takeMade(): KvPut[] {
    const made = this.#made;
    this.#made = [];
    return made;
  }

  takePuts(): KvPut[] {
    const puts = [...this.#changed].map((author) => this.#put(author));
    this.#changed.clear();
    return puts;
  }

  #put(author: Author): KvPut {
    return { key: authorKey(this.#room, author.number), value: encodeAuthor(author) };
  }

  #keep(author: Author): void {
    this.#byKeys.set(author.root, author.device, author);
    this.#byNumber[author.number] = author;
  }
}

export function chainOf(author: Author): Chain {
  const { root, device, count, tip, gapFreeSeq, equivocated } = author;
  return { root, device, count, tip: { ...tip }, gapFreeSeq, equivocated };
}

function emptyAuthor(number: number, root: Uint8Array, device: Uint8Array): Author {
  return {
    number,
    root,
    device,
    count: 0,
    base: 0,
    tip: { seq: 0, moment: 0, id: NO_ID },
    gapFreeSeq: 0,
    islands: [],
    scattered: false,
    equivocated: false,
    last: undefined,
  };
}

function encodeAuthor(author: Author): Uint8Array {
  const { root, device, count, base, tip, gapFreeSeq, islands, scattered, equivocated } = author;
  return encodeCbor([
    root,
    device,
    count,
    tip.seq,
    tip.moment,
    tip.id,
    gapFreeSeq,
    islands as CborValue[],
    scattered,
    equivocated,
    ...(base > 0 ? [base] : []),
  ]);
}

function decodeAuthor(number: number, record: Uint8Array): Author {
  const [root, device, count, seq, moment, id, gapFreeSeq, islands, scattered, equivocated, base] =
    decodeCbor(record) as [
      Uint8Array,
      Uint8Array,
      number,
      number,
      number,
      Uint8Array,
      number,
      [number, number][],
      boolean,
      boolean,
      number | undefined,
    ];
  const tip = { seq, moment, id };
  return {
    number,
    root,
    device,
    count,
    base: base ?? 0,
    tip,
    gapFreeSeq,
    islands,
    scattered,
    equivocated,
    last: undefined,
  };
}
