/** The events of each author by seq (table q), and what is known of the chain as a whole. */
import { EQUIVOCATIONS_INDEXED_MAX_COUNT } from "../core/codec/limits.ts";
import { equal } from "../core/codec/bytes.ts";
import type { LogEvent } from "../core/log/types.ts";
import { allocate } from "../core/codec/arena.ts";
import type { Author, Authors } from "./authors.ts";
import { addSeq, mayHold } from "./islands.ts";
import { MOMENT_BYTES, momentBytes, readMoment, seqKey } from "./keys.ts";
import type { RoomBatch } from "./room-batch.ts";

/** What an event did to its chain. */
export interface ChainChange {
  /** Another event has its seq. */
  readonly taken: boolean;
  /** It follows the newest event, so that opening the store after a crash finds it from there. */
  readonly extends: boolean;
}

const NONE: readonly number[] = [];

export class ChainIndex {
  readonly #room: number;
  readonly #batch: RoomBatch;

  constructor(room: number, batch: RoomBatch) {
    this.#room = room;
    this.#batch = batch;
  }

  /** Moments of the events with a seq. */
  moments(author: Author, seq: number): number[] {
    const record = this.#batch.get(seqKey(this.#room, author.number, seq));
    const moments: number[] = [];
    for (let at = 0; record && at < record.length; at += MOMENT_BYTES)
      moments.push(readMoment(record, at));
    return moments;
  }

  add(authors: Authors, author: Author, event: LogEvent): ChainChange {
    const others = mayHold(author, event.seq) ? this.moments(author, event.seq) : NONE;
    const taken = others.length > 0;
    // Two events of one moment are found under it together.
    if (!taken)
      this.#batch.put(seqKey(this.#room, author.number, event.seq), momentBytes(event.moment));
    else if (others.length < EQUIVOCATIONS_INDEXED_MAX_COUNT && !others.includes(event.moment))
      this.#put(author, event.seq, [...others, event.moment]);
    const { tip } = author;
    const isNext = event.seq === tip.seq + 1 && (event.prev === null || equal(event.prev, tip.id));
    this.take(authors, author, event);
    if (taken) author.equivocated = true;
    return { taken, extends: isNext };
  }

  /** Counts an event whose seq is in the index. */
  take(authors: Authors, author: Author, event: LogEvent): void {
    authors.changed(author);
    author.count++;
    if (event.seq > author.tip.seq)
      author.tip = { seq: event.seq, moment: event.moment, id: event.id };
    addSeq(author, event.seq, (seq) => this.moments(author, seq).length > 0);
  }

  /** Whether an event of this seq may be stored; false is certain, and costs no read. */
  mayHold(author: Author, seq: number): boolean {
    return mayHold(author, seq);
  }

  /** An event leaves the store because it is old: the chain is as free of gaps as it was. */
  prune(authors: Authors, author: Author, event: LogEvent): void {
    if (event.seq <= author.gapFreeSeq) author.base = Math.max(author.base, event.seq);
    this.remove(authors, author, event);
  }

  /** A chain of which only a later part is claimed is free of gaps from its first event on. */
  bridge(authors: Authors, author: Author): void {
    const first = author.islands[0];
    if (author.gapFreeSeq > 0 || first === undefined || author.scattered) return;
    author.base = first[0] - 1;
    author.gapFreeSeq = first[1];
    author.islands.shift();
    authors.changed(author);
  }

  /** An event leaves the set. */
  remove(authors: Authors, author: Author, { seq, moment }: LogEvent): void {
    authors.changed(author);
    author.count--;
    const rest = this.moments(author, seq).filter((other) => other !== moment);
    this.#put(author, seq, rest);
  }

  #put(author: Author, seq: number, moments: readonly number[]): void {
    const [first] = moments;
    const key = seqKey(this.#room, author.number, seq);
    if (first === undefined) return this.#batch.put(key, null);
    if (moments.length === 1) return this.#batch.put(key, momentBytes(first));
    const value = allocate(moments.length * MOMENT_BYTES);
    moments.forEach((moment, i) => value.set(momentBytes(moment), i * MOMENT_BYTES));
    this.#batch.put(key, value);
  }
}
