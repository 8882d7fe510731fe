/** Sending while the node may die: a text is sent once, or said not to be. */
import type { Message, ParleyApi } from "../../src/app/api.ts";
import { isParleyError, ParleyError } from "../../src/core/codec/errors.ts";
import { cleanText } from "../../src/core/text/clean.ts";
import type { Window } from "./timeline/window.ts";

/** A text is looked for among so many of the newest. */
const NEWEST_COUNT = 200;

export interface Outgoing {
  readonly room: string;
  readonly text: string;
  readonly kind: "text" | "action";
}

/**
 * Sends. Where the node was lost before it answered, the next one is asked whether the text was on disk by then.
 * @throws ParleyError `not-sent`, and what `send` throws
 */
export async function sendOnce(api: ParleyApi, window: Window, outgoing: Outgoing): Promise<void> {
  const known = new Set(ownOf(window.messages).map(({ id }) => id));
  const newest = Math.max(0, ...ownOf(window.messages).filter(isSigned).map(momentOf));
  try {
    await api.send(outgoing);
  } catch (error) {
    if (!isParleyError(error, "node-gone")) throw error;
    const text = cleanText(outgoing.text);
    const isIt = (message: Message): boolean =>
      !known.has(message.id) && message.kind === outgoing.kind && message.text === text;
    // A text that waits to be signed is on disk before it is told.
    if (ownOf(window.messages).some((message) => !isSigned(message) && isIt(message))) return;
    const page = await api.history({ room: outgoing.room, limit: NEWEST_COUNT });
    if (ownOf(page.messages).some((message) => message.moment > newest && isIt(message))) return;
    throw new ParleyError("not-sent", "The node ended before it took this, so it was not sent.", {
      hint: "It stands in the composer again, or ↑ brings it back.",
    });
  }
}

function ownOf(messages: readonly Message[]): Message[] {
  return messages.filter(({ mine }) => mine);
}

function isSigned({ id }: Message): boolean {
  return !id.startsWith("outbox-");
}

function momentOf({ moment }: Message): number {
  return moment;
}
