/** The list of segments: what the index consists of. One record, written in the batch of every change. */
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { SEARCH_MERGE_COUNT, SEARCH_SEGMENT_MAX_COUNT } from "../../core/codec/limits.ts";
import { LOWEST } from "../../core/log/order.ts";
import type { Bound } from "../../core/log/types.ts";
import type { Kv, KvPut } from "../kv.ts";
import { SEGMENTS_KEY } from "./keys.ts";
import type { RowBits } from "./segment-writer.ts";

export interface Segment {
  readonly number: number;
  /** Documents. */
  readonly size: number;
  /** Moments of the first and the last document. */
  readonly oldest: number;
  readonly newest: number;
  /** How its rows are cut. */
  readonly rowBits: RowBits;
}

export interface Segments {
  /** Number of the next segment. */
  readonly next: number;
  readonly list: readonly Segment[];
  /** Numbers of segments that are no longer, or not yet, in the list and whose rows are to be deleted. */
  readonly dropped: readonly number[];
  /** Number of the first record that may wait. */
  readonly waiting: number;
  /** From where on texts are to be noted anew, where an older version has noted or indexed them otherwise. */
  readonly unnoted?: Unnoted | undefined;
}

/** Texts of rooms with higher numbers, and of this room from a place on. */
export interface Unnoted {
  readonly room: number;
  readonly from: Bound;
}

/** What building a segment leads to; its last rows and the change of the list are written together. */
export interface Built {
  /** undefined: there was nothing to put into it. */
  readonly segment: Segment | undefined;
  readonly puts: readonly KvPut[];
  /** Numbers of the segments it stands for from now on. */
  readonly replaced: readonly number[];
  /** Number of the first record that still waits, where some wait no longer. */
  readonly waiting?: number;
}

export function readSegments(kv: Kv): Segments {
  const record = kv.get(SEGMENTS_KEY);
  if (!record) return { next: 1, list: [], dropped: [], waiting: 0 };
  const [next, list, dropped, waiting, ...unnoted] = decodeCbor(record.slice()) as [
    number,
    [number, number, number, number, number, number][],
    number[],
    number,
    ...([] | [room: number, moment: number, prefix: Uint8Array]),
  ];
  const [room, moment = 0, prefix = LOWEST.prefix] = unnoted;
  return {
    next,
    dropped,
    waiting,
    ...(room === undefined ? {} : { unnoted: { room, from: { moment, prefix } } }),
    list: list.map(([number, size, oldest, newest, word, pair]) => ({
      number,
      size,
      oldest,
      newest,
      rowBits: { word, pair },
    })),
  };
}

export function segmentsPut({ next, list, dropped, waiting, unnoted }: Segments): KvPut {
  const segments = list.map(({ number, size, oldest, newest, rowBits: { word, pair } }) => [
    number,
    size,
    oldest,
    newest,
    word,
    pair,
  ]);
  const rest = unnoted ? [unnoted.room, unnoted.from.moment, unnoted.from.prefix] : [];
  const value = encodeCbor([next, segments, [...dropped], waiting, ...rest]);
  return { key: SEGMENTS_KEY, value };
}

/** Segments to merge into one, or none: so many of one order of magnitude, the oldest first. */
export function toMerge(list: readonly Segment[]): readonly Segment[] {
  const levels = new Map<number, Segment[]>();
  for (const segment of list) {
    const level = Math.floor(Math.log(segment.size) / Math.log(SEARCH_MERGE_COUNT));
    levels.set(level, [...(levels.get(level) ?? []), segment]);
  }
  for (const [, alike] of [...levels].sort(([a], [b]) => a - b)) {
    if (alike.length < SEARCH_MERGE_COUNT) continue;
    const merged = alike.sort((a, b) => a.oldest - b.oldest).slice(0, SEARCH_MERGE_COUNT);
    const size = merged.reduce((sum, segment) => sum + segment.size, 0);
    if (size <= SEARCH_SEGMENT_MAX_COUNT) return merged;
  }
  return [];
}
