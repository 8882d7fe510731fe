import type { LogEvent } from "./types.ts";

/** The same event in memory of its own: one of a page holds the whole page, so one that is kept for long is copied. */
export function detached(event: LogEvent): LogEvent {
  const { prev, parents, auth, content, signature } = event;
  return {
    ...event,
    prev: prev && prev.slice(),
    parents: parents.map((id) => id.slice()),
    auth: auth.map((id) => id.slice()),
    content: content.slice(),
    signature: signature.slice(),
  };
}
