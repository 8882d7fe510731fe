/**
 * Which control event has seen which (docs/spec/ranks.md, "What an event has seen"). What an event has seen is kept as one
 * number a lane, a lane being events of one device of which each has seen the one before: asking costs one comparison, and
 * an event costs as much as there are lanes, never as much as there are events.
 */
import { toHex } from "../codec/bytes.ts";

/** How many events of each lane: of lane i the first `view[i]`. */
export type View = readonly number[];

/** A control event as the graph knows it. */
export interface Placed {
  /** Hex of the event's id. */
  readonly id: string;
  readonly lane: number;
  /** 1, 2, 3 … in its lane. */
  readonly place: number;
  /** Everything in its past; itself not. */
  readonly past: View;
}

export class ControlGraph {
  readonly #placed = new Map<string, Placed>();
  /** Those that no other event here has seen. */
  readonly #heads = new Map<string, Placed>();
  /** Newest event of each lane. */
  readonly #tips: Placed[] = [];
  /** Hex of a device → its lanes; one but for a device that has forked its history. */
  readonly #lanes = new Map<string, number[]>();

  get(id: string): Placed | undefined {
    return this.#placed.get(id);
  }

  /** Those of `ids` that are not here: an event that names them cannot be placed yet. */
  missing(ids: readonly Uint8Array[]): string[] {
    return ids.map(toHex).filter((id) => !this.#placed.has(id));
  }

  /** Places an event all of whose heads are here. */
  add(id: Uint8Array, device: Uint8Array, heads: readonly Uint8Array[]): Placed {
    const past = this.view(heads);
    const own = this.#lanesOf(toHex(device));
    let lane = own.find((each) => seen(past, this.#tips[each] as Placed));
    if (lane === undefined) {
      lane = this.#tips.length;
      own.push(lane);
    }
    const placed = { id: toHex(id), lane, place: (this.#tips[lane]?.place ?? 0) + 1, past };
    this.#tips[lane] = placed;
    this.#placed.set(placed.id, placed);
    for (const head of heads) this.#heads.delete(toHex(head));
    this.#heads.set(placed.id, placed);
    return placed;
  }

  /** What somebody has seen who has seen `heads`; heads that are not here count as nothing. */
  view(heads: readonly Uint8Array[]): View {
    const view: number[] = [];
    for (const head of heads) {
      const placed = this.#placed.get(toHex(head));
      if (!placed) continue;
      placed.past.forEach((count, lane) => raise(view, lane, count));
      raise(view, placed.lane, placed.place);
    }
    return view;
  }

  /** Events that no other has seen, in the order in which they were placed. */
  get heads(): readonly Placed[] {
    return [...this.#heads.values()];
  }

  /** Everything there is. */
  get whole(): View {
    return this.#tips.map(({ place }) => place);
  }

  #lanesOf(device: string): number[] {
    let lanes = this.#lanes.get(device);
    if (!lanes) this.#lanes.set(device, (lanes = []));
    return lanes;
  }
}

/** Whether an event lies in a view. */
export function seen(view: View, { lane, place }: Pick<Placed, "lane" | "place">): boolean {
  return (view[lane] ?? 0) >= place;
}

/** Whether neither has seen the other. */
export function concurrent(a: Placed, b: Placed): boolean {
  return a !== b && !seen(a.past, b) && !seen(b.past, a);
}

function raise(view: number[], lane: number, count: number): void {
  while (view.length <= lane) view.push(0);
  if ((view[lane] as number) < count) view[lane] = count;
}
