/** Runs a query over the segments and over what waits: newest first, and no further than asked. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import type { RoomLog, SearchHit, SearchPage, SearchRequest } from "../../core/interfaces.ts";
import { below, comparePositions, HIGHEST, LOWEST } from "../../core/log/order.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import { answers, parseQuery, type Query, type QueryPart } from "../../core/text/query.ts";
import type { Kv } from "../kv.ts";
import { comparePlaces, type Place } from "./documents.ts";
import { authorTerm, roomTerm, type TermCodes } from "./codes.ts";
import { intersection, type Postings, unionOf } from "./postings.ts";
import { SegmentReader } from "./segment-reader.ts";
import type { Segment } from "./segments.ts";
import { type FoundText, type LogOf, textsAt, textsFarApart } from "./texts.ts";
import type { PlaceNotes } from "./place-notes.ts";

export interface FindInit {
  readonly kv: Kv;
  readonly codes: TermCodes;
  readonly waiting: PlaceNotes;
  readonly segments: readonly Segment[];
  readonly logOf: LogOf;
  /** Local numbers of the rooms asked for. */
  readonly rooms: ReadonlySet<number>;
  /** These are all rooms there are. */
  readonly everywhere: boolean;
}

/** @throws ParleyError `search-empty`, `search-too-long` */
export async function find(init: FindInit, request: SearchRequest): Promise<SearchPage> {
  const search = new Search(init, request, parseQuery(request.words));
  await search.waiting();
  const { limit } = request;
  for (const segment of init.segments.toSorted((a, b) => b.newest - a.newest)) {
    const last = search.hits(limit + 1)[limit];
    // What follows is older than everything that is shown.
    if (last && last.event.moment > segment.newest) break;
    await search.segment(segment);
  }
  const hits = search.hits(limit + 1);
  return { hits: hits.slice(0, limit), more: hits.length > limit, among: search.among };
}

/** Of so many neighbours one is wanted, at least, where all are read. */
const DENSE = 2;

/** What a segment has of a part of the query: what a text must be in, and how many are, about. */
interface Found {
  readonly postings: readonly (Postings | undefined)[];
  readonly count: number;
}

class Search {
  readonly #init: FindInit;
  readonly #request: SearchRequest;
  readonly #query: Query;
  readonly #found = new Map<string, SearchHit>();
  /** Texts of the segments that were looked through, and how many of them have each part. */
  #texts = 0;
  readonly #having: number[];

  constructor(init: FindInit, request: SearchRequest, query: Query) {
    this.#init = init;
    this.#request = request;
    this.#query = query;
    this.#having = query.map(() => 0);
  }

  get among(): SearchPage["among"] {
    return { texts: this.#texts, having: this.#having };
  }

  /** The newest found so far. */
  hits(limit: number): SearchHit[] {
    return [...this.#found.values()]
      .sort((a, b) => comparePositions(b.event, a.event))
      .slice(0, limit);
  }

  /** Looks through the texts that no segment has. */
  async waiting(): Promise<void> {
    const places: Place[] = [];
    for await (const record of this.#init.waiting.records()) places.push(...record.places);
    const wanted = places.filter((place) => this.#isWanted(place));
    for (const [room, ofRoom] of Map.groupBy(wanted, (place) => place.room)) {
      const log = await this.#init.logOf(room);
      if (!log) continue;
      for await (const found of textsAt(log, ofRoom.sort(comparePlaces))) this.#take(log, found);
    }
  }

  /** Takes the newest of a segment that could be shown. */
  async segment(segment: Segment): Promise<void> {
    const reader = new SegmentReader(this.#init.kv, segment);
    const parts = this.#parts(reader, segment);
    if (!parts) return;
    const { upper = HIGHEST, lower = LOWEST, limit } = this.#request;
    const end = upper.moment > segment.newest ? segment.size : reader.above(upper.moment);
    let found = 0;
    let places: Place[] = [];
    let [first, last] = [0, 0];
    // Documents are in the order of time, so their numbers tell whether the texts are neighbours.
    const read = (): Promise<number> => this.#read(places, first - last < DENSE * places.length);
    for (const document of intersection(parts, end)) {
      const place = reader.place(document);
      if (!place || place.moment < lower.moment) break;
      if (!this.#isWanted(place)) continue;
      if (places.length === 0) first = document;
      last = document;
      places.push(place);
      if (places.length <= limit) continue;
      found += await read();
      places = [];
      if (found > limit) return;
    }
    await read();
  }

  /** What every document must be in; undefined where the segment has no hit. */
  #parts(reader: SegmentReader, segment: Segment): Postings[] | undefined {
    const { root } = this.#request;
    const { rooms, everywhere, codes } = this.#init;
    const filters = root ? [authorTerm(root)] : [];
    const [room] = rooms;
    if (!everywhere && rooms.size === 1 && room !== undefined) filters.push(roomTerm(room));
    const parts: (Postings | undefined)[] = filters.map((term) => {
      const code = codes.of(term);
      const entry = reader.entry(code);
      return entry && reader.postings(code.kind, entry);
    });
    this.#texts += segment.size;
    for (const [i, part] of this.#query.entries()) {
      const { postings, count } = part.prefix
        ? this.#beginning(reader, segment, part)
        : this.#exact(reader, part);
      parts.push(...postings);
      this.#having[i] = (this.#having[i] as number) + Math.min(count, segment.size);
    }
    return parts.includes(undefined) ? undefined : (parts as Postings[]);
  }

  /** A part whose terms are known. */
  #exact(reader: SegmentReader, { terms }: QueryPart): Found {
    let least = Infinity;
    const postings = terms.map((term) => {
      const code = this.#init.codes.of(term);
      const entry = reader.entry(code);
      least = Math.min(least, entry?.count ?? 0);
      return entry && reader.postings(code.kind, entry);
    });
    return { postings, count: least };
  }

  /** A part that stands for all terms that begin so. */
  #beginning(reader: SegmentReader, { size }: Segment, { terms }: QueryPart): Found {
    const range = this.#init.codes.beginningWith(terms[0] as string);
    let count = 0;
    const postings: Postings[] = [];
    for (const entry of reader.range(range)) {
      const found = reader.postings(range.kind, entry);
      if (found) postings.push(found);
      count += entry.count;
    }
    return { postings: [postings.length > 0 ? unionOf(postings, size) : undefined], count };
  }

  /** Reads the texts at places and keeps those that answer; the index alone is never believed. */
  async #read(places: readonly Place[], dense: boolean): Promise<number> {
    let found = 0;
    for (const [room, ofRoom] of Map.groupBy(places, (place) => place.room)) {
      const log = await this.#init.logOf(room);
      if (!log) continue;
      if (dense) {
        for await (const text of textsAt(log, ofRoom.sort(comparePlaces)))
          if (this.#take(log, text)) found++;
        continue;
      }
      for (const text of await textsFarApart(log, ofRoom)) if (this.#take(log, text)) found++;
    }
    return found;
  }

  #take(log: RoomLog, { event, text }: FoundText<Place>): boolean {
    if (!this.#isInside(event) || !answers(this.#query, text)) return false;
    this.#found.set(toHex(event.id), { roomId: log.roomId, event });
    return true;
  }

  #isWanted({ room, moment }: Place): boolean {
    const { lower = LOWEST, upper = HIGHEST } = this.#request;
    return this.#init.rooms.has(room) && moment >= lower.moment && moment <= upper.moment;
  }

  #isInside(event: StoredEvent): boolean {
    const { root, lower = LOWEST, upper = HIGHEST } = this.#request;
    return (!root || equal(root, event.root)) && below(event, upper) && !below(event, lower);
  }
}
