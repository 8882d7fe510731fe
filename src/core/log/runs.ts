/** Whose signature proves what (docs/spec/event.md): one check for a run of a device, not one an event. */
import { equal } from "../codec/bytes.ts";
import type { Crypto } from "../crypto/port.ts";
import { AuthorTable } from "./author-table.ts";
import { detached } from "./detached.ts";
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
  const proofs: (Proof | undefined)[] = Array.from({ length: events.length });
  const at = (place: number | undefined): LogEvent => events[place as number] as LogEvent;
  // Of an author's runs the lowest last: what comes next lies below it.
  for (const run of placesOfRuns(events).reverse()) {
    const [first, last] = [at(run[0]), at(run.at(-1))];
    const next = oldest?.get(last.root, last.device);
    let proven = next !== undefined && links(last, next) ? run.length : -1;
    for (let step = run.length - 1; proven < 0 && step >= 0; step--) {
      if (!verifyEvent(crypto, at(run[step]))) continue;
      proofs[run[step] as number] = "verified";
      proven = step;
    }
    for (let step = 0; step < proven; step++) proofs[run[step] as number] = "unverified";
    if (proven >= 0) oldest?.set(first.root, first.device, detached(first));
  }
  const authentic: Authentic[] = [];
  for (let place = 0; place < events.length; place++) {
    const proof = proofs[place];
    if (proof) authentic.push({ event: at(place), proof });
  }
  return authentic;
}

/** Splits events into unbroken runs, each ascending. */
export function runsOf(events: readonly LogEvent[]): LogEvent[][] {
  return placesOfRuns(events).map((run) => run.map((place) => events[place] as LogEvent));
}

/** The runs by the places of their events. */
function placesOfRuns(events: readonly LogEvent[]): number[][] {
  const runs: number[][] = [];
  /** Author → the run its newest event ends. */
  const open = new AuthorTable<number[]>();
  for (let place = 0; place < events.length; place++) {
    const event = events[place] as LogEvent;
    const run = open.get(event.root, event.device);
    if (run && links(events[run.at(-1) as number] as LogEvent, event)) {
      run.push(place);
    } else {
      const begun = [place];
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
