/** What a room counts; written with each checkpoint. */
import { decodeCbor, encodeCbor } from "../core/codec/cbor.ts";

export interface Counters {
  /** Texts of others that were stored; never falls. */
  arrived: number;
  /** Moment below which nothing is claimed to be complete. */
  floor: number;
  /** Events over the quota that are kept. */
  pooled: number;
  /** Events of the set, and the sum of their ids: the top of the fingerprint trie. */
  count: number;
  sum: Uint8Array;
}

export function encodeCounters({ arrived, floor, pooled, count, sum }: Counters): Uint8Array {
  return encodeCbor([arrived, floor, pooled, count, sum]);
}

export function decodeCounters(record: Uint8Array | undefined): Counters {
  if (!record) return { arrived: 0, floor: 0, pooled: 0, count: 0, sum: new Uint8Array(32) };
  const [arrived, floor, pooled, count, sum] = decodeCbor(record.slice()) as [
    number,
    number,
    number,
    number,
    Uint8Array,
  ];
  return { arrived, floor, pooled, count, sum };
}
