/**
 * Who may do what in an owned room: every node that has the same control events comes to the same answer, in whatever order
 * they arrived (docs/spec/ranks.md). Whether an event takes effect depends on events of higher rank alone, so all are judged
 * from rank 4 down; and on those about its author and its subject alone, so an arrival costs what is said about the two, not
 * what was ever said in the room.
 */
import { compare, equal, toHex } from "../codec/bytes.ts";
import type { Crypto } from "../crypto/port.ts";
import { isClaimSound } from "./claim.ts";
import {
  type Control,
  type ControlType,
  type Create,
  type History,
  OWNER,
  readControl,
} from "./control.ts";
import { concurrent, ControlGraph, seen, type View } from "./control-graph.ts";
import { Door, isClaim } from "./door.ts";
import {
  asOf,
  type ControlEvent,
  type Judged,
  latestOf,
  LEAST_RANK,
  subjectOf,
  takesAway,
  type VoidReason,
} from "./judged.ts";
import { Heads, isWeighty } from "./heads.ts";
import { Lists } from "./lists.ts";
import type { Pair } from "./direct.ts";
import { lifts, MEMBER_OF_TWO, type Standing, standingOf, STRANGER } from "./standing.ts";
import { lineOfOwners, type Owner } from "./succession.ts";

/** Claims are judged when what is said under this rank, and more, is settled. */
const DOOR_RANK = 2;
/** Whoever holds it makes the claims final that they have seen. */
const FINAL_RANK = 3;
/** Nobody lets anybody in or out of a conversation: there are keys, and nothing to decide. */
const OF_CONVERSATIONS: ReadonlySet<ControlType> = new Set(["device", "retire", "epoch", "merge"]);

/** A control event that takes effect from now on, or no longer does. */
export interface Change {
  readonly judged: Judged;
  /** It came just now; otherwise what has come has changed its lot. */
  readonly fresh: boolean;
}

export class Resolver {
  readonly #crypto: Crypto;
  readonly #roomId: Uint8Array;
  readonly #graph: ControlGraph;
  readonly #judged = new Map<string, Judged>();
  readonly #waiting = new Map<string, ControlEvent[]>();
  readonly #by = new Lists();
  readonly #about = new Lists();
  readonly #ofDevice = new Lists();
  readonly #settings = new Lists();
  readonly #checkpoints: Judged[] = [];
  readonly #successions: Judged[] = [];
  readonly #door: Door;
  readonly #heads = this.#headsOf((judged) => this.#counts(judged));
  readonly #weighty = this.#headsOf(isWeighty);
  #owners: Owner[] = [];
  #changes: Change[] = [];
  /** Of a conversation: the two who are in it, and nobody else ever is. */
  readonly pair: Pair | undefined;

  /** @param pair of a conversation of two · @param graph where events may be placed before they come here */
  constructor(crypto: Crypto, roomId: Uint8Array, pair?: Pair, graph = new ControlGraph()) {
    this.#crypto = crypto;
    this.#roomId = roomId;
    this.#graph = graph;
    this.pair = pair;
    this.#door = new Door({
      about: (root) => this.#about.of(root),
      checkpoints: this.#checkpoints,
      isOpen: (view) => this.isOpen(view),
      isFinal: (judged) => this.#isFinal(judged),
    });
  }

  /** Takes an event of the room's control set, in any order and any number of times. */
  add(event: ControlEvent): void {
    const id = toHex(event.id);
    if (this.has(id)) return;
    const missing = event.auth.map(toHex).find((head) => !this.has(head));
    if (missing !== undefined) {
      const others = this.#waiting.get(missing) ?? [];
      if (!others.some((other) => equal(other.id, event.id)))
        this.#waiting.set(missing, [...others, event]);
      return;
    }
    this.#take(event);
    const waited = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    for (const next of waited) this.add(next);
  }

  /** What has come into effect or lost it since this was last asked. */
  takeChanges(): Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** Ids (hex) that events here have seen and that are not here: until they come, those events count for nothing. */
  missing(): string[] {
    return [...this.#waiting.keys()];
  }

  get(id: Uint8Array): Judged | undefined {
    return this.#judged.get(toHex(id));
  }

  /** Whether an event is placed. @param id hex */
  has(id: string): boolean {
    return this.#judged.has(id);
  }

  /** Every event that is placed, in the order in which they were. */
  all(): Iterable<Judged> {
    return this.#judged.values();
  }

  /** Events in effect that no other of these has seen, those that came first, first: not merges, nor that a stranger left. */
  heads(): ReadonlySet<Judged> {
    return this.#heads.all;
  }

  /** The same among those said under rank 2 or more: who speaks under a rank has seen all of them. */
  weightyHeads(): ReadonlySet<Judged> {
    return this.#weighty.all;
  }

  /** The last control event of a device, void or not; several of one that has forked its history. */
  tipsOf(device: Uint8Array): Judged[] {
    const chain = this.#ofDevice.of(toHex(device));
    const last = chain.at(-1)?.event.seq;
    return chain.slice(chain.findIndex(({ event }) => event.seq === last));
  }

  /** What somebody who has seen `heads` knows of; without heads, everything there is. */
  view(heads?: readonly Uint8Array[]): View {
    return heads ? this.#graph.view(heads) : this.#graph.whole;
  }

  /** How an identity stands in a view, now by default. */
  standing(root: Uint8Array, view: View = this.#graph.whole): Standing {
    return this.#standing(toHex(root), view, -1);
  }

  /** The topic or a policy that holds: of the latest the higher rank, then the later moment, then the lower id. */
  setting(name: "topic" | `policy/${string}`, view: View = this.#graph.whole): string | undefined {
    const candidates = this.#settings
      .of(name)
      .filter((judged) => judged.void === undefined && seen(view, judged.placed));
    const [best] = latestOf(candidates).sort(
      (a, b) =>
        asOf(b) - asOf(a) || b.event.moment - a.event.moment || compare(a.event.id, b.event.id),
    );
    if (best?.control?.type === "topic") return best.control.text;
    return best?.control?.type === "policy" ? best.control.value : undefined;
  }

  /** Everybody about whom something is in effect, and the owners. */
  people(): Uint8Array[] {
    if (this.pair) return [...this.pair];
    const roots = new Map(this.#owners.map(({ root }) => [toHex(root), root]));
    for (const { control, event, void: reason } of this.#judged.values()) {
      if (reason !== undefined || !control) continue;
      if ("subject" in control) roots.set(toHex(control.subject), control.subject);
      if (control.type === "claim") roots.set(toHex(event.root), event.root);
    }
    return [...roots.values()];
  }

  /** Of a private room, what newcomers may read; undefined of a public one. */
  history(): History | undefined {
    if (this.pair) return "all";
    return this.#founding()?.history;
  }

  /** Whether it was founded such that nobody ever comes in without an invite. */
  isInviteOnly(): boolean {
    return this.#founding()?.join === "invite" || this.history() !== undefined;
  }

  /** Whether everybody may come in, by a view. What the founding says holds in every view: a claim could pass a policy over. */
  isOpen(view: View = this.#graph.whole): boolean {
    return !this.isInviteOnly() && this.setting("policy/join", view) !== "invite";
  }

  #founding(): Create | undefined {
    const founding = this.#judged.get(toHex(this.#roomId))?.control;
    return founding?.type === "create" ? founding : undefined;
  }

  /** Whose the room is. */
  owner(): Uint8Array | undefined {
    return this.#owners.at(-1)?.root;
  }

  /** What made the owners owners, also where it is void for another reason. */
  line(): Judged[] {
    return this.#owners.map(({ judged }) => judged);
  }

  /** What a successor's key has to hash to. */
  commitment(): Uint8Array | undefined {
    return this.#owners.at(-1)?.commitment;
  }

  /** Events in effect about an identity, in the order in which they were placed. */
  about(root: Uint8Array): readonly Judged[] {
    return this.#about.of(toHex(root)).filter((judged) => judged.void === undefined);
  }

  // ------------------------------------------------------------ arrival

  #take(event: ControlEvent): void {
    const { id, device, auth } = event;
    const placed = this.#graph.get(toHex(id)) ?? this.#graph.add(id, device, auth);
    const read = readControl(event.kind, event.content);
    const unsound = read?.type === "claim" && !this.#isSound(event, read);
    const control = unsound ? undefined : read;
    const judged: Judged = { event, control, placed, shrunk: false, void: "unknown" };
    this.#judged.set(placed.id, judged);
    const dirty = new Set([judged, ...this.#chain(judged)]);
    if (control) this.#index(judged, control, dirty);
    this.#settle(dirty, judged);
  }

  #isSound(event: ControlEvent, claim: Extract<Control, { type: "claim" }>): boolean {
    return isClaimSound(this.#crypto, this.#roomId, event.root, claim);
  }

  #index(judged: Judged, control: Control, dirty: Set<Judged>): void {
    this.#by.put(toHex(judged.event.root), judged);
    const subject = subjectOf(judged);
    if (subject !== undefined) this.#about.put(subject, judged);
    if (control.type === "topic") this.#settings.put("topic", judged);
    if (control.type === "policy") this.#settings.put(`policy/${control.name}`, judged);
    this.#door.index(judged, control);
    if (control.type === "checkpoint") this.#checkpoints.push(judged);
    if (control.type === "succeed") this.#successions.push(judged);
    if (control.type !== "create" && control.type !== "succeed") return;
    this.#owners = lineOfOwners(this.#crypto, this.#roomId, this.#judged, this.#successions);
    for (const each of this.#judged.values()) dirty.add(each);
  }

  /**
   * Puts an event into its device's chain. A device's view never shrinks: each event has seen the one before, and nothing
   * that the device says counts once one has not.
   * @returns the events behind it, which may have shrunk by it
   */
  #chain(judged: Judged): Judged[] {
    const chain = this.#ofDevice.of(toHex(judged.event.device));
    let at = chain.length;
    while (at > 0 && (chain[at - 1] as Judged).event.seq > judged.event.seq) at--;
    this.#ofDevice.insert(toHex(judged.event.device), judged, at);
    const behind = this.#ofDevice.of(toHex(judged.event.device)).slice(at);
    for (const each of behind) each.shrunk = this.#hasShrunk(each);
    return behind;
  }

  #hasShrunk({ event, placed }: Judged): boolean {
    const chain = this.#ofDevice.of(toHex(event.device));
    let at = chain.findLastIndex((other) => other.event.seq < event.seq);
    const before = chain[at]?.event.seq;
    for (; at >= 0 && chain[at]?.event.seq === before; at--) {
      const other = chain[at] as Judged;
      if (other.shrunk || !seen(placed.past, other.placed)) return true;
    }
    return false;
  }

  /** Judges from rank 4 down; what changes makes those below it dirty that look at it. Claims come when all above them is settled. */
  #settle(dirty: Set<Judged>, fresh: Judged): void {
    for (let rank: number = OWNER; rank >= 0; rank--) {
      const those = [...dirty].filter((each) => asOf(each) === rank && !isClaim(each));
      for (const judged of those) this.#becomes(judged, this.#judge(judged), dirty, fresh);
      if (rank !== DOOR_RANK) continue;
      for (const [claim, reason] of this.#door.judge([...dirty].filter(isClaim)))
        this.#becomes(claim, reason, dirty, fresh);
    }
  }

  #becomes(
    judged: Judged,
    reason: VoidReason | undefined,
    dirty: Set<Judged>,
    fresh: Judged,
  ): void {
    const before = judged.void;
    judged.void = reason;
    if ((before === undefined) === (reason === undefined)) return;
    const isFresh = judged === fresh;
    this.#changes.push({ judged, fresh: isFresh });
    for (const heads of [this.#heads, this.#weighty]) heads.turn(judged, isFresh);
    for (const other of this.#lookingAt(judged))
      if (asOf(other) < asOf(judged) || (isClaim(other) && !isClaim(judged))) dirty.add(other);
  }

  #headsOf(counts: (judged: Judged) => boolean): Heads {
    return new Heads({ all: () => this.all(), get: (id) => this.get(id), counts });
  }

  /** A stranger may say that they leave, and bring heads together: nobody has to know that. */
  #counts({ control, event }: Judged): boolean {
    if (control?.type === "merge") return false;
    return (
      control?.type !== "leave" ||
      this.about(event.root).some((each) => each.control?.type !== "leave")
    );
  }

  #lookingAt(judged: Judged): Judged[] {
    if (judged.control?.type === "checkpoint") return [...this.#judged.values()];
    const subject = subjectOf(judged);
    const people = subject === undefined ? [] : [this.#by.of(subject), this.#about.of(subject)];
    return [...people.flat(), ...this.#door.lookingAt(judged)];
  }

  /** Whether somebody of rank 3 or more has seen it, and has spoken since. */
  #isFinal({ placed }: Judged): boolean {
    for (const other of this.#judged.values()) {
      const counts = other.void === undefined && asOf(other) >= FINAL_RANK;
      if (counts && seen(other.placed.past, placed)) return true;
    }
    return false;
  }

  // ------------------------------------------------------------ the rules

  #judge(judged: Judged): VoidReason | undefined {
    const { control, event } = judged;
    if (!control) return "unknown";
    if (this.pair && !OF_CONVERSATIONS.has(control.type)) return "rank";
    if (control.type === "leave") return undefined;
    if (judged.shrunk) return "shrunk";
    if (control.type === "create") return equal(event.id, this.#roomId) ? undefined : "unknown";
    const unfit = control.as === OWNER ? this.#judgeOwner(judged) : this.#judgeBelow(judged);
    return unfit ?? this.#judgeTarget(judged, control);
  }

  #judgeOwner(judged: Judged): VoidReason | undefined {
    const { control, event, placed } = judged;
    if (control?.type === "succeed")
      return this.#owners.some((owner) => owner.judged === judged) ? undefined : "succession";
    const turn = this.#owners.findLastIndex(
      (owner) => equal(owner.root, event.root) && seen(placed.past, owner.judged.placed),
    );
    if (turn < 0) return "rank";
    const next = this.#owners[turn + 1];
    return next && !seen(next.judged.placed.past, placed) ? "succession" : undefined;
  }

  #judgeBelow(judged: Judged): VoidReason | undefined {
    const { event, placed } = judged;
    const as = asOf(judged);
    const line = this.#checkpoints.find(
      (each) => each.void === undefined && concurrent(each.placed, placed),
    );
    if (line) return "checkpoint";
    if (judged.control?.type === "merge") return undefined;
    const author = toHex(event.root);
    if (this.#standing(author, placed.past, as).rank < as) return "rank";
    const removal = this.#about
      .of(author)
      .find((each) => takesAway(each, as) && concurrent(each.placed, placed));
    return removal ? "removed" : undefined;
  }

  #judgeTarget({ placed }: Judged, control: Control): VoidReason | undefined {
    if (control.as < (LEAST_RANK[control.type] ?? 0)) return "rank";
    if (!("subject" in control)) return undefined;
    if ("rank" in control && control.rank >= control.as) return "too-much";
    const target = this.#standing(toHex(control.subject), placed.past, control.as);
    if (target.rank >= control.as) return "target";
    return lifts(control, target) ? "restricted" : undefined;
  }

  /** @param above only events that claim a higher rank count, and leaving. */
  #standing(root: string, view: View, above: number): Standing {
    if (this.pair) return this.pair.some((it) => toHex(it) === root) ? MEMBER_OF_TWO : STRANGER;
    const owner = this.#owners.findLast(({ judged }) => seen(view, judged.placed));
    if (owner && toHex(owner.root) === root) return { ...STRANGER, rank: OWNER };
    const owned = this.#owners.some(
      (each) => toHex(each.root) === root && seen(view, each.judged.placed),
    );
    const events = this.#about.of(root).filter((each) => {
      const counts = asOf(each) > above || each.control?.type === "leave";
      return counts && each.void === undefined && seen(view, each.placed);
    });
    return standingOf(events, owned);
  }
}
