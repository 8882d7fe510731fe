/** The authors of a room under local numbers: memory grows with the people of a room, not with its history. */
import { decodeCbor, encodeCbor } from "../core/codec/cbor.ts";
import { AuthorTable } from "../core/log/author-table.ts";
import type { Chain } from "../core/log/types.ts";
import { authorKey, readUint, TABLE, tableRange } from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";

/** One (root, device), as in the record. */
export interface Author {
  readonly number: number;
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  count: number;
  tip: { seq: number; moment: number; id: Uint8Array };
  gapFreeSeq: number;
  equivocated: boolean;
}

export class Authors {
  readonly #room: number;
  readonly #byKeys = new AuthorTable<Author>();
  readonly #byNumber: Author[] = [];
  readonly #dirty = new Set<Author>();

  constructor(room: number) {
    this.#room = room;
  }

  async load(kv: Kv): Promise<void> {
    for (const [key, value] of await kv.entries(tableRange(TABLE.author, this.#room))) {
      const [root, device, count, seq, moment, id, gapFreeSeq, equivocated] = decodeCbor(
        value.slice(),
      ) as [Uint8Array, Uint8Array, number, number, number, Uint8Array, number, boolean];
      const number = readUint(key, 5, 4);
      const tip = { seq, moment, id };
      this.#keep({ number, root, device, count, tip, gapFreeSeq, equivocated });
    }
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

  /** The author, with a new number when it is not known yet; to be changed and written. */
  change(root: Uint8Array, device: Uint8Array): Author {
    let author = this.find(root, device);
    if (!author) {
      author = {
        number: this.#byNumber.length,
        root: root.slice(),
        device: device.slice(),
        count: 0,
        tip: { seq: 0, moment: 0, id: new Uint8Array(32) },
        gapFreeSeq: 0,
        equivocated: false,
      };
      this.#keep(author);
    }
    this.#dirty.add(author);
    return author;
  }

  takePuts(): KvPut[] {
    const puts = [...this.#dirty].map((author) => ({
      key: authorKey(this.#room, author.number),
      value: encodeCbor([
        author.root,
        author.device,
        author.count,
        author.tip.seq,
        author.tip.moment,
        author.tip.id,
        author.gapFreeSeq,
        author.equivocated,
      ]),
    }));
    this.#dirty.clear();
    return puts;
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
