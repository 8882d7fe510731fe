/**
 * The control events that whoever speaks next has to have seen: those that count and that no other one which counts has seen
 * (docs/spec/ranks.md, "What an event has seen"). What comes to nothing is not among them and hides none of them, so that
 * nobody without a rank can make work for those who have one (docs/adr/0211-void-heads-are-not-named.md).
 */
import { seen } from "./control-graph.ts";
import { isClaim } from "./door.ts";
import { asOf, type Judged, latestOf } from "./judged.ts";

export interface HeadsInit {
  /** Every event, in the order in which they were placed. */
  readonly all: () => Iterable<Judged>;
  readonly get: (id: Uint8Array) => Judged | undefined;
  /** Of an event in effect. */
  readonly counts: (judged: Judged) => boolean;
}

export class Heads {
  readonly #init: HeadsInit;
  #heads = new Set<Judged>();
  /** Something has gone that hid others. */
  #stale = false;

  constructor(init: HeadsInit) {
    this.#init = init;
  }

  /** It has come into effect, or has lost it. @param fresh it came just now, so nobody has seen it */
  turn(judged: Judged, fresh: boolean): void {
    if (judged.void === undefined) this.#put(judged, fresh);
    else if (this.#heads.delete(judged)) this.#stale = true;
  }

  #put(judged: Judged, fresh: boolean): void {
    if (this.#stale || !this.#counts(judged)) return;
    const { placed, event } = judged;
    if (!fresh && [...this.#heads].some((head) => seen(head.placed.past, placed))) return;
    const named = event.auth.map(this.#init.get);
    // A head is seen by nothing that counts: where all that is named does, only what is named can be a head no longer.
    const past = named.every((each) => each && this.#counts(each)) ? named : this.#heads;
    for (const each of past as Iterable<Judged>)
      if (seen(placed.past, each.placed)) this.#heads.delete(each);
    this.#heads.add(judged);
  }

  #counts(judged: Judged): boolean {
    return judged.void === undefined && this.#init.counts(judged);
  }

  /** Those that came first, first. */
  get all(): ReadonlySet<Judged> {
    if (this.#stale) {
      const counting = [...this.#init.all()].filter((each) => this.#counts(each));
      this.#heads = new Set(latestOf(counting).reverse());
      this.#stale = false;
    }
    return this.#heads;
  }
}

/** Said by who runs the room, rank 2 or more: what others say, coming in among it, decides about themselves alone. */
export function isWeighty(judged: Judged): boolean {
  return asOf(judged) >= 2 && !isClaim(judged);
}
