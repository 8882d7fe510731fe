/**
 * Which control event has seen which (docs/spec/ranks.md, "What an event has seen"). What an event has seen is kept as one
 * number a lane, a lane being events of one device of which each has seen the one before: asking costs one comparison, and
 * an event costs what it has seen more than those it names (docs/adr/0195-views-share-what-they-agree-in.md).
 */
import { toHex } from "../codec/bytes.ts";
import { countOf, joined, NOTHING_SEEN, raised, type View } from "./view.ts";

export type { View } from "./view.ts";

/** A control event as the graph knows it. */
export interface Placed {
  /** Hex of the event's id. */
  readonly id: string;
  readonly lane: number;
  /** 1, 2, 3 … in its lane. */
  readonly place: number;
  /** Everything in its past; itself not. */
  readonly past: View;
  /** What who names it has seen. */
  readonly after: View;
}

export class ControlGraph {
  readonly #placed = new Map<string, Placed>();
  /** Newest event of each lane. */
  readonly #tips: Placed[] = [];
  /** Hex of a device → its lanes; one but for a device that has forked its history. */
  readonly #lanes = new Map<string, number[]>();
  #whole = NOTHING_SEEN;

  get(id: string): Placed | undefined {
    return this.#placed.get(id);
  }

  /** Places an event all of whose heads are here. @param past the view of its heads, where it is known already */
  add(
    id: Uint8Array,
    device: Uint8Array,
    heads: readonly Uint8Array[],
    past: View = this.view(heads),
  ): Placed {
    const own = this.#lanesOf(toHex(device));
    let lane = own.find((each) => seen(past, this.#tips[each] as Placed));
    if (lane === undefined) {
      lane = this.#tips.length;
      own.push(lane);
    }
    const place = (this.#tips[lane]?.place ?? 0) + 1;
    const placed = { id: toHex(id), lane, place, past, after: raised(past, lane, place) };
    this.#whole = raised(this.#whole, lane, place);
    this.#tips[lane] = placed;
    this.#placed.set(placed.id, placed);
    return placed;
  }

  /** What somebody has seen who has seen `heads`; heads that are not here count as nothing. */
  view(heads: readonly Uint8Array[]): View {
    return heads.reduce(
      (view, head) => joined(view, this.#placed.get(toHex(head))?.after ?? NOTHING_SEEN),
      NOTHING_SEEN,
    );
  }

  /** Everything there is. */
  get whole(): View {
    return this.#whole;
  }

  #lanesOf(device: string): number[] {
    let lanes = this.#lanes.get(device);
    if (!lanes) this.#lanes.set(device, (lanes = []));
    return lanes;
  }
}

/** Whether an event lies in a view. */
export function seen(view: View, { lane, place }: Pick<Placed, "lane" | "place">): boolean {
  return countOf(view, lane) >= place;
}

/** Whether neither has seen the other. */
export function concurrent(a: Placed, b: Placed): boolean {
  return a !== b && !seen(a.past, b) && !seen(b.past, a);
}
