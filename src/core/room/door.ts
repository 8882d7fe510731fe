/**
 * Who comes in by an invite, or by the open door of a public room (docs/spec/ranks.md, "Invites"). Claims give the ranks of
 * guest and member alone, so they are judged when everything of rank 2 and more is settled, and nothing of that rank looks at
 * them.
 */
import { compare, toHex } from "../codec/bytes.ts";
import type { Claim, Control } from "./control.ts";
import { concurrent, seen, type View } from "./control-graph.ts";
import { asOf, type Judged, type VoidReason } from "./judged.ts";
import { Lists } from "./lists.ts";
import { standingOf } from "./standing.ts";

export interface DoorInit {
  /** Everything about an identity (hex). */
  readonly about: (root: string) => readonly Judged[];
  readonly checkpoints: readonly Judged[];
  /** Whether everybody may come in, by a view. */
  readonly isOpen: (view: View) => boolean;
  /** Whether an admin has seen a claim: it stays, whoever else has used the invite meanwhile. */
  readonly isFinal: (claim: Judged) => boolean;
}

type Verdict = readonly [Judged, VoidReason | undefined];

const OPEN = "open";

export class Door {
  readonly #init: DoorInit;
  /** By the key of the invite in hex, or OPEN. */
  readonly #invites = new Lists();
  readonly #revocations = new Lists();
  readonly #claims = new Lists();
  /** Keys of invites that more people have used than they let in. */
  readonly #crowded = new Set<string>();

  constructor(init: DoorInit) {
    this.#init = init;
  }

  index(judged: Judged, control: Control): void {
    if (control.type === "invite") this.#invites.put(toHex(control.key), judged);
    if (control.type === "revoke") this.#revocations.put(toHex(control.key), judged);
    if (control.type === "claim") this.#claims.put(doorOf(control), judged);
  }

  /** The claims that an event may decide about. */
  lookingAt(judged: Judged): Judged[] {
    const { control } = judged;
    const doors = new Set<string>();
    if (control?.type === "invite" || control?.type === "revoke") doors.add(toHex(control.key));
    if (control?.type === "policy" && control.name === "join") doors.add(OPEN);
    if (asOf(judged) > 2) for (const key of this.#crowded) doors.add(key);
    return [...doors].flatMap((door) => [...this.#claims.of(door)]);
  }

  /** What becomes of claims, and of those that share a limited invite with them. */
  judge(claims: readonly Judged[]): Verdict[] {
    const doors = new Map<string, Judged[]>();
    for (const claim of claims) {
      const door = doorOf(claim.control as Claim);
      doors.set(door, [...(doors.get(door) ?? []), claim]);
    }
    return [...doors].flatMap(([door, those]) => this.#judgeDoor(door, those));
  }

  #judgeDoor(door: string, those: readonly Judged[]): Verdict[] {
    const uses = this.#usesOf(door);
    const all = uses === null ? those : this.#claims.of(door);
    const verdicts = all.map((claim): Verdict => [claim, this.#judge(claim, door)]);
    if (uses === null) return verdicts;
    const valid = verdicts.flatMap(([claim, reason]) => (reason === undefined ? [claim] : []));
    const people = new Set(valid.map(({ event }) => toHex(event.root)));
    if (people.size <= uses) {
      this.#crowded.delete(door);
      return verdicts;
    }
    this.#crowded.add(door);
    const admitted = this.#first(valid, uses);
    return verdicts.map(([claim, reason]) => {
      const late = reason === undefined && !admitted.has(toHex(claim.event.root));
      return [claim, late ? "uses" : reason];
    });
  }

  /** Those whom an admin has seen, then who came causally earlier, then lower ids. */
  #first(valid: readonly Judged[], uses: number): Set<string> {
    const admitted = new Set<string>();
    const final = valid.filter(this.#init.isFinal);
    for (const part of [final, valid.filter((claim) => !final.includes(claim))]) {
      for (const { event } of inOrder(part))
        if (admitted.size < uses) admitted.add(toHex(event.root));
    }
    return admitted;
  }

  #usesOf(door: string): number | null {
    const limits = this.#invites.of(door).flatMap(({ control, void: reason }) => {
      const counts = reason === undefined && control?.type === "invite" && control.uses !== null;
      return counts ? [control.uses] : [];
    });
    return limits.length === 0 ? null : Math.min(...limits);
  }

  #judge(claim: Judged, door: string): VoidReason | undefined {
    const { placed, event } = claim;
    const { rank, invite } = claim.control as Claim;
    if (claim.shrunk) return "shrunk";
    const line = this.#init.checkpoints.some(
      (each) => each.void === undefined && concurrent(each.placed, placed),
    );
    if (line) return "checkpoint";
    const unfit = invite
      ? this.#judgeInvite(claim, door, rank)
      : this.#init.isOpen(placed.past)
        ? undefined
        : "closed";
    if (unfit) return unfit;
    const about = this.#init
      .about(toHex(event.root))
      .filter((each) => !isClaim(each) && each.void === undefined && asOf(each) >= 2)
      .filter((each) => seen(placed.past, each.placed));
    return standingOf(about, false).banned ? "restricted" : undefined;
  }

  #judgeInvite(claim: Judged, door: string, rank: number): VoidReason | undefined {
    const { placed, event } = claim;
    const [invite] = this.#invites
      .of(door)
      .filter((each) => each.void === undefined && seen(placed.past, each.placed))
      .filter(({ control }) => control?.type === "invite" && control.rank === rank)
      .sort(byId);
    if (invite?.control?.type !== "invite") return "invite";
    if (invite.control.until !== null && event.moment > invite.control.until) return "expired";
    const revoked = this.#revocations
      .of(door)
      .some(
        (each) =>
          each.void === undefined && asOf(each) >= asOf(invite) && !seen(each.placed.past, placed),
      );
    if (revoked) return "revoked";
    // Once used by somebody, it lets nobody in again: whoever was removed cannot come back by it.
    const again = this.#claims
      .of(door)
      .some((other) => sameAuthor(other, claim) && seen(placed.past, other.placed));
    return again ? "uses" : undefined;
  }
}

export function isClaim({ control }: Judged): boolean {
  return control?.type === "claim";
}

function doorOf({ invite }: Claim): string {
  return invite ? toHex(invite.key) : OPEN;
}

function sameAuthor(a: Judged, b: Judged): boolean {
  return compare(a.event.root, b.event.root) === 0;
}

function byId(a: Judged, b: Judged): number {
  return compare(a.event.id, b.event.id);
}

/** Of those that have seen none of the rest the lowest id, over and over. */
function inOrder(claims: readonly Judged[]): Judged[] {
  const rest = [...claims].sort(byId);
  const order: Judged[] = [];
  while (rest.length > 0) {
    const next = rest.findIndex(
      (claim) => !rest.some((other) => other !== claim && seen(claim.placed.past, other.placed)),
    );
    order.push(...rest.splice(Math.max(0, next), 1));
  }
  return order;
}
