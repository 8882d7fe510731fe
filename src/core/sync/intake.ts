import { equal } from "../codec/bytes.ts";
import { INTAKE_MAX_COUNT } from "../codec/limits.ts";
import type { AppendOutcome, Clock, IncomingEvent, RoomLog, Timers } from "../interfaces.ts";
import { detached } from "../log/detached.ts";
import type { Authentic } from "../log/runs.ts";
import { KIND_ACTION, KIND_TEXT, type LogEvent, type StoredEvent } from "../log/types.ts";
import { isControl } from "../room/control.ts";
import type { Governed } from "./governed.ts";
import { HeldAside, timeliness } from "./held-aside.ts";

/** How events came: by gossip, or by reconciliation and requests. */
export type Source = "live" | "sync";

/** An event that was stored, and what became of it. */
export interface Stored {
  readonly event: StoredEvent;
  readonly outcome: AppendOutcome;
}

export interface IntakeInit {
  readonly log: RoomLog;
  readonly clock: Clock;
  readonly timers: Timers;
  /** What lies below is not wanted from peers: it was pruned. */
  readonly from: () => number;
  /** The own identity and device. */
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  /** Of an owned room: what its control events say decides what is stored as part of the set. */
  readonly governed?: Governed | undefined;
  readonly listener: {
    /** What was gossiped is on its way to the disk. */
    coming?(stored: readonly Stored[]): void;
    stored(stored: readonly Stored[], source: Source): void;
    ownAhead(events: readonly LogEvent[]): void;
    failed(error: unknown): void;
  };
}

/** What became of events offered together. */
export interface Taken {
  readonly stored: readonly Stored[];
  /** Of them, too early to be stored now, or ever. */
  readonly early: number;
}

/** An event to be stored. */
type Offered = Authentic & { readonly aside?: boolean };

interface Job {
  readonly events: readonly Offered[];
  readonly source: Source;
  readonly done: (stored: Stored[]) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The one way of foreign events into a room's log: clock rules, own chain, then storing. What arrives while a batch
 * is being written goes together into the next.
 */
export class Intake {
  readonly #init: IntakeInit;
  readonly #early: HeldAside<LogEvent & Authentic>;
  #jobs: Job[] = [];
  #waiting = 0;
  #writing = false;

  constructor(init: IntakeInit) {
    this.#init = init;
    this.#early = new HeldAside(init.clock, init.timers, (due) => {
      void this.add(due, "sync").catch((error: unknown) => init.listener.failed(error));
    });
  }

  /** Whether so much waits to be stored that gossip should be left to reconciliation. */
  get full(): boolean {
    return this.#waiting >= INTAKE_MAX_COUNT;
  }

  /** Forgets what is held aside. */
  stop(): void {
    this.#early.clear();
  }

  /**
   * Stores the authentic events that are due; resolves when they are stored.
   * @throws whatever the store throws
   */
  async add(events: readonly Authentic[], source: Source): Promise<Taken> {
    const due = this.#dueOf(source === "live" ? events : this.#wanted(events));
    const early = events.length - due.length;
    if (due.length === 0) return { stored: [], early };
    await this.#watchOwnChain(due);
    const { governed } = this.#init;
    const stored = governed
      ? await this.#storeGoverned(governed, due, source)
      : await this.#store(due, source);
    return { stored, early };
  }

  #store(events: readonly Offered[], source: Source): Promise<Stored[]> {
    return new Promise<Stored[]>((done, failed) => {
      this.#jobs.push({ events, source, done, failed });
      this.#waiting += events.length;
      void this.#write();
    });
  }

  /** Control events first: they decide about the content that comes with them. */
  async #storeGoverned(
    governed: Governed,
    events: readonly Authentic[],
    source: Source,
  ): Promise<Stored[]> {
    const control = events.filter((each) => isControl(each.event.kind) && governed.sound(each));
    const content = events.filter(({ event }) => !isControl(event.kind));
    const stored: Stored[] = [];
    if (control.length > 0) {
      await governed.take(async () => {
        const kept = governed.kept(control.map(({ event }) => event));
        const proven = kept.map((event) => ({ event, proof: "verified" as const }));
        if (proven.length > 0) stored.push(...(await this.#store(proven, source)));
        return stored.map(({ event }) => event);
      });
    }
    if (content.length === 0) return stored;
    return governed.whileSettled(async () => {
      const offered: Offered[] = [];
      for (const each of content) {
        const shown = governed.showsAtOnce(each.event) || (await governed.shows(each.event));
        offered.push(shown ? each : { ...each, aside: true });
      }
      return [...stored, ...(await this.#store(offered, source))];
    });
  }

  #wanted(events: readonly Authentic[]): readonly Authentic[] {
    const from = this.#init.from();
    if (from === 0) return events;
    const { governed } = this.#init;
    return events.filter(
      ({ event }) => event.moment >= from || (governed && isControl(event.kind)),
    );
  }

  #dueOf(events: readonly Authentic[]): readonly Authentic[] {
    const nowMs = this.#init.clock.nowMs();
    const due = events.filter(({ event }) => timeliness(event.moment, nowMs) === "due");
    if (due.length === events.length) return events;
    for (const { event, proof } of events) {
      if (timeliness(event.moment, nowMs) === "early") this.#keepEarly(detached(event), proof);
    }
    return due;
  }

  #keepEarly(event: LogEvent, proof: Authentic["proof"]): void {
    this.#early.add({ ...event, event, proof });
  }

  /** An event of this very device that is not in the store was signed by a copy of it: that is said before anything else. */
  async #watchOwnChain(events: readonly Authentic[]): Promise<void> {
    const own = events
      .filter(({ event }) => this.#isOwn(event) && equal(event.device, this.#init.device))
      .map(({ event }) => event);
    if (own.length === 0) return;
    const known = await this.#init.log.has(own.map(({ id }) => id));
    const ahead = own.filter((_, i) => known[i] !== true);
    if (ahead.length > 0) this.#init.listener.ownAhead(ahead);
  }

  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs;
      this.#jobs = [];
      await this.#writeTogether(jobs);
    }
    this.#writing = false;
  }

  async #writeTogether(jobs: readonly Job[]): Promise<void> {
    const incoming = jobs.flatMap(({ events }) =>
      events.map((authentic) => this.#incoming(authentic)),
    );
    const { log, listener } = this.#init;
    let taken: Stored[][] = [];
    const staged = (outcomes: readonly AppendOutcome[]): void => {
      taken = withOutcomes(jobs, outcomes);
      taken.forEach((stored, i) => jobs[i]?.source === "live" && listener.coming?.(stored));
    };
    try {
      await log.append(incoming, { staged });
      for (const [i, { source, done }] of jobs.entries()) {
        const stored = taken[i] as Stored[];
        this.#tally(stored);
        listener.stored(stored, source);
        done(stored);
      }
    } catch (error) {
      for (const { failed } of jobs) failed(error);
    }
    this.#waiting -= incoming.length;
  }

  #incoming({ event, proof, aside = false }: Offered): IncomingEvent {
    const { kind } = this.#init.governed?.opened(event) ?? event;
    const counts = (kind === KIND_TEXT || kind === KIND_ACTION) && !this.#isOwn(event);
    return aside ? { event, proof, counts, aside } : { event, proof, counts };
  }

  #tally(stored: readonly Stored[]): void {
    const { governed } = this.#init;
    if (!governed?.ring) return;
    for (const { event, outcome } of stored) if (outcome === "new") governed.ring.tally(event);
  }

  #isOwn(event: LogEvent): boolean {
    return equal(event.root, this.#init.root);
  }
}

/** What became of the events of each job. @param outcomes of all of them, in their order */
function withOutcomes(jobs: readonly Job[], outcomes: readonly AppendOutcome[]): Stored[][] {
  let next = 0;
  return jobs.map(({ events }) =>
    events.map(({ event, proof }) => ({
      event: { ...event, proof },
      outcome: outcomes[next++] as AppendOutcome,
    })),
  );
}
