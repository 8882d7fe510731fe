/** The documents of a segment: where in which room each text stands, oldest first, in rows of a fixed number. */
import type { Position } from "../../core/log/types.ts";
import { bitLength, BitReader, BitWriter } from "./bits.ts";

export const ROW_DOCUMENTS = 128;
const MOMENT_BITS = 53;
const K_BITS = 6;
const TAG_BITS = 16;
/** A moment is a millisecond and a counter below it, which is mostly 0 (docs/spec/clock.md). */
const COUNTER = 4_096;

export interface Place {
  /** Local number of the room. */
  readonly room: number;
  readonly moment: number;
  /** First two bytes of the event's id: tells apart texts of one moment. */
  readonly tag: number;
}

export function tagOf(id: Uint8Array): number {
  return ((id[0] as number) << 8) | (id[1] as number);
}

/** Without its room. */
export function placeAt({ moment, id }: Position): Omit<Place, "room"> {
  return { moment, tag: tagOf(id) };
}

export function comparePlaces(a: Place, b: Place): number {
  return a.moment - b.moment || a.room - b.room || a.tag - b.tag;
}

/** Used again and again. */
const writer = new BitWriter();

/** @param places sorted, 1 to ROW_DOCUMENTS. */
export function encodePlaces(places: readonly Place[]): Uint8Array {
  const first = places[0] as Place;
  const steps = places.map(({ moment }, i) => moment - (places[i - 1] ?? first).moment);
  const unit = steps.every((step) => step % COUNTER === 0) ? COUNTER : 1;
  const typical = steps.toSorted((a, b) => a - b)[places.length >> 1] as number;
  const k = bitLength(typical / unit + 1) - 1;
  writer.put(places.length - 1, 7);
  writer.put(unit === 1 ? 0 : 1, 1);
  writer.put(k, K_BITS);
  writer.put(first.moment, MOMENT_BITS);
  writer.golomb(first.room, 0);
  let { room } = first;
  for (const [i, place] of places.entries()) {
    if (i > 0) {
      writer.golomb((steps[i] as number) / unit, k);
      writer.put(place.room === room ? 1 : 0, 1);
      if (place.room !== room) writer.golomb(place.room, 0);
    }
    writer.put(place.tag, TAG_BITS);
    ({ room } = place);
  }
  return writer.finish();
}

/** @throws ParleyError `bad-bytes` */
export function decodePlaces(row: Uint8Array): Place[] {
  const reader = new BitReader(row);
  const count = reader.take(7) + 1;
  const unit = reader.take(1) === 1 ? COUNTER : 1;
  const k = reader.take(K_BITS);
  let moment = reader.take(MOMENT_BITS);
  let room = reader.golomb(0);
  const places: Place[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      moment += reader.golomb(k) * unit;
      if (reader.take(1) === 0) room = reader.golomb(0);
    }
    places.push({ room, moment, tag: reader.take(TAG_BITS) });
  }
  return places;
}
