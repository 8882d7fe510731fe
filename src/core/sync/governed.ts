/**
 * An owned room's control events and what they make of its content: which events belong to the set, which are set aside
 * because a rank is missing or a removal hides them (docs/spec/owned-rooms.md). What is set aside is not shown, not passed on
 * and not reconciled; it comes back when the control events say so.
 */
import { equal, toHex } from "../codec/bytes.ts";
import { verifyEvent } from "../log/event.ts";
import type { Crypto } from "../crypto/port.ts";
import type { RoomLog } from "../interfaces.ts";
import type { Authentic } from "../log/runs.ts";
import type { LogEvent, Position, StoredEvent } from "../log/types.ts";
import { isControl } from "../room/control.ts";
import { cutsOf } from "../room/cuts.ts";
import type { Judged } from "../room/judged.ts";
import { type Change, Resolver } from "../room/resolver.ts";
import { ControlSet } from "./control-set.ts";
import { isKept } from "./kept-chain.ts";

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

const MEMBER = 1;
const SPEAKING_MAX_COUNT = 10_000;

export class Governed {
  readonly resolver: Resolver;
  readonly controls = new ControlSet();
  /** Called after control events have had their effect. */
  onChange: (outcome: Outcome) => void = () => undefined;
  readonly #crypto: Crypto;
  readonly #log: RoomLog;
  /** Author and what it has seen → whether that gives the right to speak. */
  readonly #speaking = new Map<string, boolean>();
  /** Content that is being judged and stored: control events wait for it. */
  readonly #content = new Set<Promise<unknown>>();
  #control: Promise<void> | undefined;
  /** Control events that are known and have not had their effect on the content. */
  #noted: StoredEvent[] = [];

  private constructor(crypto: Crypto, log: RoomLog) {
    this.#crypto = crypto;
    this.#log = log;
    this.resolver = new Resolver(crypto, log.roomId);
  }

  static async open(crypto: Crypto, log: RoomLog): Promise<Governed> {
    const governed = new Governed(crypto, log);
    for (const event of await log.control()) {
      governed.controls.add(event);
      governed.resolver.add(event);
    }
    governed.resolver.takeChanges();
    return governed;
  }

  /** Whether control events that an event has seen are not here. */
  lacks(event: Pick<LogEvent, "auth">): boolean {
    return event.auth.some((id) => this.resolver.get(id) === undefined);
  }

  /** Takes what is on disk into account at once, for what is said next; `take` then looks at the content. */
  note(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (!isControl(event.kind) || !this.controls.add(event)) continue;
      this.#noted.push(event);
      this.resolver.add(event);
      this.#speaking.clear();
    }
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
    await this.take(async () => []);
    const hidden: Uint8Array[] = [];
    for (const event of events)
      if (!isControl(event.kind) && !(await this.shows(event))) hidden.push(event.id);
    if (hidden.length > 0) await this.#log.setAside(hidden);
  }

  /** Control events prove themselves: what does not is as if it had not come. */
  sound({ event, proof }: Authentic): boolean {
    return proof === "verified" || verifyEvent(this.#crypto, event);
  }

  /** Whether a content event belongs to the set. */
  async shows(event: LogEvent): Promise<boolean> {
    if (this.lacks(event) || !this.#maySpeak(event)) return false;
    const cuts = cutsOf(this.resolver, event);
    if (cuts === "hidden") return false;
    for (const cut of cuts) if (!(await isKept(this.#log, event, cut))) return false;
    return true;
  }

  #maySpeak({ root, auth }: LogEvent): boolean {
    const name = [root, ...auth].map((bytes) => String.fromCharCode(...bytes)).join("");
    let speaks = this.#speaking.get(name);
    if (speaks === undefined) {
      if (this.#speaking.size >= SPEAKING_MAX_COUNT) this.#speaking.clear();
      speaks = this.resolver.standing(root, this.resolver.view(auth)).rank >= MEMBER;
      this.#speaking.set(name, speaks);
    }
    return speaks;
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
    const isRemoval = control.type === "mute" || control.type === "kick" || control.type === "ban";
    const gives = control.type === "grant" || control.type === "claim" || control.type === "demote";
    if (isRemoval ? judged.void !== undefined : !gives || fresh) return [];
    const subject = "subject" in control ? control.subject : event.root;
    const chains = (await this.#log.chains()).filter(({ root }) => equal(root, subject));
    return chains.map(({ root, device, equivocated }) => {
      const cut = isRemoval && !equivocated && control.cuts.find((it) => equal(it.device, device));
      return { root, device, above: cut ? cut.seq : 0 };
    });
  }

  async #takeBack(): Promise<StoredEvent[]> {
    const shown: StoredEvent[] = [];
    for (const event of await this.#log.aside()) if (await this.shows(event)) shown.push(event);
    if (shown.length === 0) return [];
    const outcomes = await this.#log.takeBack(shown as readonly Position[]);
    return shown.filter((_, i) => outcomes[i] === "new" || outcomes[i] === "equivocation");
  }
}
