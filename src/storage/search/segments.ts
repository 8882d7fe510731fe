/** The list of segments: what the index consists of. One record, written in the batch of every change. */
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { SEARCH_MERGE_COUNT, SEARCH_SEGMENT_MAX_COUNT } from "../../core/codec/limits.ts";
import type { Kv, KvPut } from "../kv.ts";
import { SEGMENTS_KEY } from "./keys.ts";

export interface Segment {
  readonly number: number;
  /** Documents. */
  readonly size: number;
  /** Moments of the first and the last document. */
  readonly oldest: number;
  readonly newest: number;
}

export interface Segments {
  /** Number of the next segment. */
  readonly next: number;
  readonly list: readonly Segment[];
  /** Numbers of segments that are no longer, or not yet, in the list and whose rows are to be deleted. */
  readonly dropped: readonly number[];
  /** Number of the first record that may wait. */
  readonly waiting: number;
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
  const [next, list, dropped, waiting] = decodeCbor(record.slice()) as [
    number,
    [number, number, number, number][],
    number[],
    number,
  ];
  return {
    next,
    dropped,
    waiting,
    list: list.map(([number, size, oldest, newest]) => ({ number, size, oldest, newest })),
  };
}

export function segmentsPut({ next, list, dropped, waiting }: Segments): KvPut {
  const segments = list.map(({ number, size, oldest, newest }) => [number, size, oldest, newest]);
  return { key: SEGMENTS_KEY, value: encodeCbor([next, segments, [...dropped], waiting]) };
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
