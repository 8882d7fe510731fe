/** Whose signature proves what (docs/spec/event.md): one check for a run of a device, not one an event. */
import { equal } from "../codec/bytes.ts";
import type { Crypto } from "../crypto/port.ts";
import { AuthorTable } from "./author-table.ts";
import { verifyEvent } from "./event.ts";
import type { LogEvent, Proof } from "./types.ts";

/** An event with what proves it. */
export interface Authentic {
  readonly event: LogEvent;
  readonly proof: Proof;
}

/**
 * The authentic ones of `events`, in their order. A run is a chain of events of one root and device, each naming the one
 * before as `prev` with the next seq and a greater moment: its last good signature proves everything before it. What
 * follows the last good signature of a run is left out.
 * @param events ascending by (moment, id).
 * @param oldest where pages follow each other, newest first: of each author the oldest authentic event so far. It proves a run that
 * ends right before it. Brought up to date.
 */
export function authenticate(
  crypto: Crypto,
  events: readonly LogEvent[],
  oldest?: AuthorTable<LogEvent>,
): Authentic[] {
  const proofs = new Map<LogEvent, Proof>();
  // Of an author's runs the lowest last: what comes next lies below it.
  for (const run of runsOf(events).reverse()) {
    const [first, last] = [run[0] as LogEvent, run.at(-1) as LogEvent];
    const next = oldest?.get(last.root, last.device);
    let proven = next !== undefined && links(last, next) ? run.length : -1;
    for (let at = run.length - 1; proven < 0 && at >= 0; at--) {
      if (!verifyEvent(crypto, run[at] as LogEvent)) continue;
      proofs.set(run[at] as LogEvent, "verified");
      proven = at;
    }
    for (const earlier of run.slice(0, Math.max(0, proven))) proofs.set(earlier, "unverified");
    if (proven >= 0) oldest?.set(first.root, first.device, first);
  }
  return events.flatMap((event) => {
    const proof = proofs.get(event);
    return proof ? [{ event, proof }] : [];
  });
}

/** Splits events into unbroken runs, each ascending. */
export function runsOf(events: readonly LogEvent[]): LogEvent[][] {
  const runs: LogEvent[][] = [];
  /** Author → the run its newest event ends. */
  const open = new AuthorTable<LogEvent[]>();
  for (const event of events) {
    const run = open.get(event.root, event.device);
    if (run && links(run.at(-1) as LogEvent, event)) {
      run.push(event);
    } else {
      const begun = [event];
      runs.push(begun);
      open.set(event.root, event.device, begun);
    }
  }
  return runs;
}

/** Whether `next` continues the chain of `event`: of one author, named as prev, next seq, greater moment. */
export function links(event: LogEvent, next: LogEvent): boolean {
  return (
    next.prev !== null &&
    next.seq === event.seq + 1 &&
    next.moment > event.moment &&
    equal(next.prev, event.id) &&
    equal(next.device, event.device) &&
    equal(next.root, event.root)
  );
}
