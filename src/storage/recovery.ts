/**
 * Finds the events that were written after a room's last checkpoint: each follows the newest event of its chain, so they
 * are where the index of seqs goes on behind the chain's end (docs/spec/store.md).
 */
import type { LogEvent } from "../core/log/types.ts";
import type { Author, Authors } from "./authors.ts";
import { chainPlaceOf, decodeValue, wasCounted } from "./event-value.ts";
import { boundRange, TABLE } from "./keys.ts";
import type { Kv } from "./kv.ts";

export interface Recoverable {
  readonly authors: Authors;
  moments(author: Author, seq: number): number[];
}

/** @param indexes as of the checkpoint. */
export async function recover(
  kv: Kv,
  room: number,
  indexes: Recoverable,
): Promise<{ event: LogEvent; counted: boolean }[]> {
  const found: { event: LogEvent; counted: boolean }[] = [];
  for (const author of indexes.authors.all()) {
    for (let seq = author.tip.seq + 1; ; seq++) {
      const [moment] = indexes.moments(author, seq);
      if (moment === undefined) break;
      for (const [key, value] of await entriesAt(kv, room, moment)) {
        const place = chainPlaceOf(value);
        if (place.author !== author.number || place.seq !== seq) continue;
        const event = decodeValue(key, value, (number) => indexes.authors.byNumber(number));
        found.push({ event, counted: wasCounted(value) });
      }
    }
  }
  return found;
}

/** The records of the events of one moment. */
export function entriesAt(
  kv: Kv,
  room: number,
  moment: number,
): Promise<[Uint8Array, Uint8Array][]> {
  const prefix = new Uint8Array(0);
  return kv.entries(
    boundRange(TABLE.event, room, { moment, prefix }, { moment: moment + 1, prefix }),
  );
}
