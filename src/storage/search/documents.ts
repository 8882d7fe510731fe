/** The documents of a segment: where in which room each text stands, oldest first, in rows of a fixed number. */
import { ByteReader, ByteWriter } from "../../core/codec/varint.ts";

export const ROW_DOCUMENTS = 128;

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

export function comparePlaces(a: Place, b: Place): number {
  return a.moment - b.moment || a.room - b.room || a.tag - b.tag;
}

/** @param places sorted, at most ROW_DOCUMENTS. */
export function encodePlaces(places: readonly Place[]): Uint8Array {
  const writer = new ByteWriter(1024);
  let moment = 0;
  for (const place of places) {
    writer.varint(place.moment - moment);
    writer.varint(place.room);
    writer.byte(place.tag >> 8);
    writer.byte(place.tag & 0xff);
    moment = place.moment;
  }
  return writer.finish();
}

/** @throws ParleyError `bad-bytes` */
export function decodePlaces(row: Uint8Array): Place[] {
  const reader = new ByteReader(row);
  const places: Place[] = [];
  let moment = 0;
  while (!reader.done) {
    moment += reader.varint();
    const room = reader.varint();
    places.push({ room, moment, tag: (reader.byte() << 8) | reader.byte() });
  }
  return places;
}
