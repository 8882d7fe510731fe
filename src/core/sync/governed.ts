/**
 * An owned room's control events and what they make of its content: which events belong to the set, which are set aside
 * because a rank is missing or a removal hides them (docs/spec/owned-rooms.md). What is set aside is not shown, not passed on
 * and not reconciled; it comes back when the control events say so.
 */
import { equal, fromHex, toHex } from "../codec/bytes.ts";
import { verifyEvent } from "../log/event.ts";
import type { Crypto } from "../crypto/port.ts";
import type { RoomLog } from "../interfaces.ts";
import type { Authentic } from "../log/runs.ts";
import { KIND_SEALED, type LogEvent, type Position, type StoredEvent } from "../log/types.ts";
import { isControl } from "../room/control.ts";
import { ControlGraph } from "../room/control-graph.ts";
import { cutsOf } from "../room/cuts.ts";
import type { Pair } from "../room/direct.ts";
import type { Judged } from "../room/judged.ts";
import { Keeping } from "../room/keeping.ts";
import type { KeyRing } from "../room/key-ring.ts";
import type { ShownRemoval } from "../room/removal.ts";
import { type Change, Resolver } from "../room/resolver.ts";
import { Sieve } from "../room/sieve.ts";
import type { Standing } from "../room/standing.ts";
import { ControlSet } from "./control-set.ts";
import { isKept } from "./kept-chain.ts";
import { isRemoval, Speakers } from "./speakers.ts";

/** What came of control events. */
export interface Outcome {
  /** Control events that were new. */
  readonly controls: readonly StoredEvent[];
  /** Control events that had effect until now, or would have had it, and do not because the owner has drawn a line. */
  readonly undone: readonly Judged[];
  /** How many content events were set aside. */
  readonly gone: number;
  /** Those that came back into the set. */
  readonly back: readonly StoredEvent[];
}

const GUEST = 0;
/** People who are being let in at a time. */
const ADMITTED_MAX_COUNT = 256;

type RingOf = (resolver: Resolver) => KeyRing | undefined;

export class Governed {
  readonly resolver: Resolver;
  readonly controls = new ControlSet();
  /** Of a private room. */
  readonly ring: KeyRing | undefined;
  /** Who refuses this person has shown that they were removed; what has removed them is not here. Until control events come. */
  removal: ShownRemoval | undefined;
  /** Called after control events have had their effect. */
  onChange: (outcome: Outcome) => void = () => undefined;
  /** Called when it may have changed who is welcome, before anything else is said to anybody. */
  onWelcome: () => void = () => undefined;
  readonly #crypto: Crypto;
  readonly #log: RoomLog;
  readonly #speakers: Speakers;
  readonly #keeping: Keeping;
  readonly #sieve: Sieve;
  /** Content that is being judged and stored: control events wait for it. */
  readonly #content = new Set<Promise<unknown>>();
  #control: Promise<void> | undefined;
  /** Control events that are known and have not had their effect on the content. */
  #noted: StoredEvent[] = [];

  /** People who were handed the keys, or who handed them, until when: sessions with them bring what makes members of them. */
  readonly #admitted = new Map<string, number>();

  private constructor(crypto: Crypto, log: RoomLog, ringOf: RingOf, pair: Pair | undefined) {
    this.#crypto = crypto;
    this.#log = log;
    const graph = new ControlGraph();
    this.resolver = new Resolver(crypto, log.roomId, pair, graph);
    this.#keeping = new Keeping({ crypto, roomId: log.roomId, graph, pair });
    this.#sieve = new Sieve(this.#keeping, (id) => this.resolver.has(id));
    this.ring = ringOf(this.resolver);
    this.#speakers = new Speakers(this.resolver);
  }

  /** @param ringOf makes the ring of keys of a private room · @param pair of a conversation of two */
  static async open(
    crypto: Crypto,
    log: RoomLog,
    ringOf: RingOf = () => undefined,
    pair?: Pair,
  ): Promise<Governed> {
    const governed = new Governed(crypto, log, ringOf, pair);
    const events = await log.control();
    for (const event of governed.kept(events)) {
      governed.controls.add({ ...event, proof: "verified" });
      governed.resolver.add(event);
    }
    governed.resolver.takeChanges();
    await governed.#dismiss(events);
    governed.ring?.changed(events.map(({ id }) => id));
    return governed;
  }

  /** An event as it reads once it is open: in a private room what is said is sealed. */
  opened<T extends LogEvent>(event: T): T {
    return this.ring ? this.ring.open(event) : event;
  }

  /** Whether the room is reconciled with somebody: a private one with those alone who are in it, or are being let in. */
  welcomes(root: Uint8Array | undefined, device: Uint8Array, nowMs: number): boolean {
    if (!this.ring && !this.resolver.history()) return true;
    if (root === undefined || this.ring?.isOut(root, device)) return false;
    return (
      this.resolver.standing(root).rank >= GUEST ||
      (this.#admitted.get(toHex(root)) ?? -Infinity) > nowMs
    );
  }

  /** Somebody has shown an invite, or has handed the keys over. */
  admit(root: Uint8Array, untilMs: number): void {
    if (this.#admitted.size >= ADMITTED_MAX_COUNT) this.#admitted.clear();
    this.#admitted.set(toHex(root), untilMs);
    this.onWelcome();
  }

  /** Whether control events that an event has seen are not here. */
  lacks(event: Pick<LogEvent, "auth">): boolean {
    return event.auth.some((id) => this.resolver.get(id) === undefined);
  }

  /**
   * Whether gossip of a stored event goes on to others: not what somebody says about the room who is not in it, where it comes to
   * nothing, says nothing to others or cannot be judged yet. Reconciliation brings it all the same.
   */
  passesOn({ id, kind, root }: LogEvent): boolean {
    if (!isControl(kind)) return true;
    const judged = this.resolver.get(id);
    if (judged && this.resolver.standing(root).rank >= GUEST) return true;
    const isKnown = this.resolver.about(root).some(({ control }) => control?.type !== "leave");
    return judged?.void === undefined && judged !== undefined && isKnown;
  }

  /** Takes what is on disk into account at once, for what is said next; `take` then looks at the content. */
  note(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (!isControl(event.kind) || !this.#keeps(event) || !this.controls.add(event)) continue;
      this.#noted.push(event);
      this.removal = undefined;
      this.resolver.add(event);
      this.#speakers.clear();
    }
    if (this.#noted.length === 0) return;
    this.ring?.changed(events.map(({ id }) => id));
    // Who has come in needs no leave any more, and has none when they go.
    for (const root of this.#admitted.keys())
      if (this.resolver.standing(fromHex(root)).rank >= GUEST) this.#admitted.delete(root);
    if (this.ring ?? this.resolver.history()) this.onWelcome();
  }

  /** Judges content and stores it, while nothing is changed about the ranks. */
  async whileSettled<T>(work: () => Promise<T>): Promise<T> {
    while (this.#control) await this.#control;
    const working = work();
    const done = working.then(
      () => undefined,
      () => undefined,
    );
    this.#content.add(done);
    await done;
    this.#content.delete(done);
    return working;
  }

  /** Takes control events that are stored, after `store` has stored them, and what that does to the content. */
  async take(store: () => Promise<readonly StoredEvent[]>): Promise<void> {
    while (this.#control) await this.#control;
    const work = this.#take(store);
    this.#control = work.then(
      () => undefined,
      () => undefined,
    );
    try {
      await work;
    } finally {
      this.#control = undefined;
    }
  }

  /** Takes in what was stored without being judged before: own events, and those of an import. */
  async judgeStored(events: readonly StoredEvent[]): Promise<void> {
    this.note(events);
    const settled = this.#noted.length === 0 && !this.#control;
    if (settled && events.every((event) => this.#speakers.isFree(event))) return;
    await this.take(async () => []);
    await this.#dismiss(events.filter(({ kind }) => isControl(kind)));
    const hidden: Uint8Array[] = [];
    for (const event of events)
      if (!isControl(event.kind) && !(await this.shows(event))) hidden.push(event.id);
    if (hidden.length > 0) await this.#log.setAside(hidden);
  }

  /** Of control events that came those that the room keeps, and those that had waited for them: each behind what it has seen. */
  kept(events: readonly LogEvent[]): LogEvent[] {
    return this.#sieve.take(events);
  }

  /** Whether a control event that is no part of the set may become one when what it has seen comes. */
  waits({ id }: Pick<LogEvent, "id">): boolean {
    return this.#sieve.waits(id);
  }

  /** Control events prove themselves: what does not is as if it had not come. */
  sound({ event, proof }: Authentic): boolean {
    return proof === "verified" || verifyEvent(this.#crypto, event);
  }

  /** Whether a content event belongs to the set, where nothing has to be looked up; false says nothing. */
  showsAtOnce(event: LogEvent): boolean {
    return this.#isAllowed(event) && this.#speakers.isFree(event);
  }

  /** Whether a content event belongs to the set. */
  async shows(event: LogEvent): Promise<boolean> {
    if (!this.#isAllowed(event)) return false;
    if (this.#speakers.isFree(event)) return true;
    if (this.lacks(event) || !this.#speakers.maySpeak(event)) return false;
    const cuts = cutsOf(this.resolver, event);
    if (cuts === "hidden") return false;
    for (const cut of cuts) if (!(await isKept(this.#log, event, cut))) return false;
    return true;
  }

  /** In a private room nothing is said in clear, whatever program somebody uses. */
  #isAllowed({ kind }: LogEvent): boolean {
    return kind === KIND_SEALED || !this.resolver.history();
  }

  /** The control heads that what a device of this person says next names as seen. */
  authOf(root: Uint8Array, device: Uint8Array): readonly Uint8Array[] {
    return this.#speakers.authOf(root, device);
  }

  /** How somebody stands now. */
  standing(root: Uint8Array): Standing {
    return this.#speakers.standing(root);
  }

  #keeps(event: LogEvent): boolean {
    return !this.lacks(event) && this.#keeping.keeps(event);
  }

  /** Takes out of the set what is not kept: earlier versions did. */
  async #dismiss(events: readonly StoredEvent[]): Promise<void> {
    const out = events.filter((event) => !this.resolver.get(event.id) && !this.waits(event));
    if (out.length > 0) await this.#log.setAside(out.map(({ id }) => id));
  }

  async #take(store: () => Promise<readonly StoredEvent[]>): Promise<void> {
    await Promise.all(this.#content);
    this.note(await store());
    const fresh = this.#noted;
    this.#noted = [];
    if (fresh.length === 0) return;
    const changes = this.resolver.takeChanges();
    const undone = changes.flatMap(({ judged }) => (judged.void === "checkpoint" ? [judged] : []));
    const gone = await this.#setAside(changes);
    const back = await this.#takeBack();
    this.onChange({ controls: fresh, undone, gone, back });
  }

  /** What in the set is hidden from now on. */
  async #setAside(changes: readonly Change[]): Promise<number> {
    const hidden = new Map<string, Uint8Array>();
    for (const change of changes) {
      for (const { root, device, above } of await this.#touched(change)) {
        const tip = (await this.#log.chain(root, device))?.tip.seq ?? 0;
        for (let seq = tip; seq > above; seq--) {
          for (const event of await this.#log.at(root, device, seq))
            if (!isControl(event.kind) && !(await this.shows(event)))
              hidden.set(toHex(event.id), event.id);
        }
      }
    }
    if (hidden.size > 0) await this.#log.setAside([...hidden.values()]);
    return hidden.size;
  }

  /** The parts of chains that a change may hide: what lies above a cut; where an earlier word has lost its effect, all. */
  async #touched({
    judged,
    fresh,
  }: Change): Promise<{ root: Uint8Array; device: Uint8Array; above: number }[]> {
    const { control, event } = judged;
    if (!control) return [];
    const removes = isRemoval(control);
    const gives = control.type === "grant" || control.type === "claim" || control.type === "demote";
    if (removes ? judged.void !== undefined : !gives || fresh) return [];
    const subject = "subject" in control ? control.subject : event.root;
    const chains = (await this.#log.chains()).filter(({ root }) => equal(root, subject));
    return chains.map(({ root, device, equivocated }) => {
      const cut = removes && !equivocated && control.cuts.find((it) => equal(it.device, device));
      return { root, device, above: cut ? cut.seq : 0 };
    });
  }

  async #takeBack(): Promise<StoredEvent[]> {
    const shown: StoredEvent[] = [];
    for (const event of await this.#log.aside())
      if (!isControl(event.kind) && (await this.shows(event))) shown.push(event);
    if (shown.length === 0) return [];
    const outcomes = await this.#log.takeBack(shown as readonly Position[]);
    return shown.filter((_, i) => outcomes[i] === "new" || outcomes[i] === "equivocation");
  }
}
