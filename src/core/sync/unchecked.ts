/** Signatures that were not checked one by one when their events came (docs/spec/event.md, EVENT-9). */
import type { Crypto } from "../crypto/port.ts";
import type { IncomingEvent, RoomLog } from "../interfaces.ts";
import { verifyEvent } from "../log/event.ts";
import { boundAfter } from "../log/order.ts";
import type { Bound } from "../log/types.ts";

export interface CheckedStep {
  /** Where to go on; undefined at the end of the log. */
  readonly next: Bound | undefined;
  /** Signatures that were checked. */
  readonly checked: number;
}

/** Checks what is unchecked among the next `limit` events from `from` on, and remembers each verdict. */
export async function checkSignatures(
  log: RoomLog,
  crypto: Crypto,
  from: Bound,
  limit: number,
): Promise<CheckedStep> {
  const events = await log.read({ lower: from, limit });
  const judged = events
    .filter(({ proof }) => proof === "unverified")
    .map((event): IncomingEvent => {
      const proof = verifyEvent(crypto, event) ? "verified" : "bad";
      return { event, proof, counts: false };
    });
  if (judged.length > 0) await log.append(judged);
  const last = events.at(-1);
  const more = last !== undefined && events.length === limit;
  return { next: more ? boundAfter(last) : undefined, checked: judged.length };
}
