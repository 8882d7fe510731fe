/** Control events for tests, and the rules of ranks read naively: every set written out, everything judged anew. */
import { concat, equal, toHex } from "../../src/core/codec/bytes.ts";
import type { Crypto } from "../../src/core/crypto/port.ts";
import {
  type Control,
  encodeControl,
  kindOf,
  readControl,
  verifySuccession,
} from "../../src/core/room/control.ts";
import { isClaimSound } from "../../src/core/room/claim.ts";
import type { ControlEvent, VoidReason } from "../../src/core/room/judged.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";

const verdicts = new Map<string, boolean>();

/** The same few signatures are looked at in thousands of histories. */
export const rememberingCrypto: Crypto = {
  ...nodeCrypto,
  verify(publicKey, message, signature) {
    const name = toHex(concat(publicKey, signature, message));
    const known = verdicts.get(name) ?? nodeCrypto.verify(publicKey, message, signature);
    verdicts.set(name, known);
    return known;
  },
};

const keys = new Map<string, Uint8Array>();

/** 32 bytes of a name. */
export function key(name: string): Uint8Array {
  let bytes = keys.get(name);
  if (!bytes) keys.set(name, (bytes = nodeCrypto.sha256(new TextEncoder().encode(name))));
  return bytes;
}

/** An event without signature: the resolver is given only what is authentic. */
export function controlEvent(fields: {
  readonly id: string;
  readonly author: string;
  readonly device?: string;
  readonly seq: number;
  readonly auth: readonly ControlEvent[];
  readonly control: Control;
  readonly moment?: number;
}): ControlEvent {
  const { id, author, device = author, seq, auth, control, moment = seq } = fields;
  return {
    id: key(id),
    root: key(`root ${author}`),
    device: key(`device ${device}`),
    seq,
    kind: kindOf(control),
    moment,
    auth: auth.map((head) => head.id),
    content: encodeControl(control),
  };
}

interface Naive {
  readonly event: ControlEvent;
  readonly control: Control | undefined;
  readonly past: Set<Naive>;
  void: VoidReason | undefined;
}

export interface NaiveStanding {
  readonly rank: number;
  readonly banned: boolean;
  readonly left: boolean;
  readonly muted: boolean;
}

/** The rules of docs/spec/ranks.md as they are written there. */
export class Oracle {
  readonly #roomId: Uint8Array;
  readonly #all: Naive[];
  readonly #owners: Naive[];

  constructor(roomId: Uint8Array, events: readonly ControlEvent[]) {
    this.#roomId = roomId;
    this.#all = placed(roomId, events);
    this.#owners = this.#line();
    for (const rank of [4, 3, 2, 1, 0]) {
      const those = this.#all.filter((each) => (each.control?.as ?? 0) === rank);
      for (const each of those) if (each.control?.type !== "claim") each.void = this.#judge(each);
      if (rank === 2) this.#judgeClaims();
    }
  }

  voids(): Map<string, VoidReason | undefined> {
    return new Map(this.#all.map((each) => [toHex(each.event.id), each.void]));
  }

  standing(root: Uint8Array): NaiveStanding {
    return this.#standing(root, new Set(this.#all), -1);
  }

  #judge(each: Naive): VoidReason | undefined {
    const { control, event } = each;
    if (!control) return "unknown";
    if (control.type === "leave") return undefined;
    if (this.#shrunk(each)) return "shrunk";
    if (control.type === "create") return equal(event.id, this.#roomId) ? undefined : "unknown";
    if (control.type === "succeed") return this.#owners.includes(each) ? undefined : "succession";
    if (control.as === 4) {
      const turn = this.#owners.findLastIndex(
        (owner) => equal(owner.event.root, event.root) && each.past.has(owner),
      );
      if (turn < 0) return "rank";
      const next = this.#owners[turn + 1];
      if (next && !next.past.has(each)) return "succession";
    } else {
      for (const line of this.#all)
        if (line.control?.type === "checkpoint" && line.void === undefined && apart(line, each))
          return "checkpoint";
      if (control.type === "merge") return undefined;
      if (this.#standing(event.root, each.past, control.as).rank < control.as) return "rank";
      for (const removal of this.#effectiveAbout(event.root)) {
        const { control: by } = removal;
        if (!by || by.as <= control.as || !apart(removal, each)) continue;
        if (by.type === "kick" || by.type === "ban") return "removed";
        if (by.type === "demote" && by.rank < control.as) return "removed";
      }
    }
    if (control.type === "topic") return control.as < 2 ? "rank" : undefined;
    if (control.type === "policy") return control.as < 3 ? "rank" : undefined;
    if (control.type === "invite" || control.type === "revoke")
      return control.as < 2 ? "rank" : undefined;
    if (!("subject" in control)) return undefined;
    if ("rank" in control && control.rank >= control.as) return "too-much";
    const target = this.#standing(control.subject, each.past, control.as);
    if (target.rank >= control.as) return "target";
    const overBan = target.banned && ["grant", "demote", "kick"].includes(control.type);
    const overMute = target.muted && ["grant", "mute"].includes(control.type);
    return overBan || overMute ? "restricted" : undefined;
  }

  #judgeClaims(): void {
    const claims = this.#all.filter(({ control }) => control?.type === "claim");
    for (const each of claims) each.void = this.#judgeClaim(each, claims);
    const effective = this.#all.filter((each) => each.void === undefined);
    const invites = effective.filter(({ control }) => control?.type === "invite");
    for (const { control } of invites) {
      if (control?.type !== "invite" || control.uses === null) continue;
      const { uses, key: door } = control;
      const valid = claims
        .filter((each) => each.void === undefined && opens(each, door))
        .sort(byId);
      const people: string[] = [];
      const comeIn = ({ event }: Naive): void => {
        const root = toHex(event.root);
        if (!people.includes(root) && people.length < uses) people.push(root);
      };
      const admins = effective.filter((each) => (each.control?.as ?? 0) >= 3);
      const isFinal = (each: Naive): boolean => admins.some((admin) => admin.past.has(each));
      for (const part of [valid.filter(isFinal), valid.filter((each) => !isFinal(each))]) {
        const rest = new Set(part);
        while (rest.size > 0) {
          const next = [...rest].find((each) => ![...rest].some((other) => each.past.has(other)));
          if (!next) break;
          rest.delete(next);
          comeIn(next);
        }
      }
      for (const each of valid) if (!people.includes(toHex(each.event.root))) each.void = "uses";
    }
  }

  #judgeClaim(each: Naive, claims: readonly Naive[]): VoidReason | undefined {
    const { control, event, past } = each;
    if (control?.type !== "claim") return "unknown";
    if (this.#shrunk(each)) return "shrunk";
    const effective = this.#all.filter(
      (other) =>
        other.void === undefined &&
        (other.control?.as ?? 0) >= 2 &&
        other.control?.type !== "claim",
    );
    if (effective.some((other) => other.control?.type === "checkpoint" && apart(other, each)))
      return "checkpoint";
    if (control.invite === null) {
      const founding = this.#all.find((other) => equal(other.event.id, this.#roomId));
      if (founding?.control?.type === "create" && founding.control.join === "invite")
        return "closed";
      if (this.#policy("join", past) === "invite") return "closed";
    } else {
      const door = control.invite.key;
      const [invite] = effective
        .filter((other) => other.control?.type === "invite" && past.has(other))
        .filter((other) => opens(other, door) && (other.control as Invite).rank === control.rank)
        .sort(byId);
      if (invite?.control?.type !== "invite") return "invite";
      const { until, as } = invite.control;
      if (until !== null && event.moment > until) return "expired";
      const revoked = effective.some(
        (other) =>
          other.control?.type === "revoke" &&
          equal(other.control.key, door) &&
          other.control.as >= as &&
          !other.past.has(each),
      );
      if (revoked) return "revoked";
      const again = claims.some(
        (other) => past.has(other) && opens(other, door) && equal(other.event.root, event.root),
      );
      if (again) return "uses";
    }
    const about = effective.filter(
      (other) => past.has(other) && this.#effectiveAbout(event.root).includes(other),
    );
    const ranking = latest(about.filter((other) => other.control?.type !== "mute"));
    return best(ranking)?.control?.type === "ban" ? "restricted" : undefined;
  }

  #policy(name: string, view: Set<Naive>): string | undefined {
    const those = latest(
      [...view].filter(
        ({ control, void: reason }) =>
          reason === undefined && control?.type === "policy" && control.name === name,
      ),
    );
    const [first] = those.sort(
      (a, b) =>
        (b.control?.as ?? 0) - (a.control?.as ?? 0) ||
        b.event.moment - a.event.moment ||
        byId(a, b),
    );
    return first?.control?.type === "policy" ? first.control.value : undefined;
  }

  #shrunk(each: Naive): boolean {
    const ofDevice = this.#all.filter(({ event }) => equal(event.device, each.event.device));
    const before = ofDevice.filter(({ event }) => event.seq < each.event.seq);
    const last = Math.max(...before.map(({ event }) => event.seq));
    return before
      .filter(({ event }) => event.seq === last)
      .some((other) => !each.past.has(other) || this.#shrunk(other));
  }

  #effectiveAbout(root: Uint8Array): Naive[] {
    return this.#all.filter(({ control, event, void: reason }) => {
      if (reason !== undefined || !control) return false;
      if (control.type === "leave" || control.type === "claim") return equal(event.root, root);
      return "subject" in control && equal(control.subject, root);
    });
  }

  #standing(root: Uint8Array, view: Set<Naive>, above: number): NaiveStanding {
    const owners = this.#owners.filter((owner) => view.has(owner));
    const owner = owners.at(-1);
    if (owner && equal(owner.event.root, root))
      return { rank: 4, banned: false, left: false, muted: false };
    const about = this.#effectiveAbout(root).filter(
      (each) =>
        view.has(each) && ((each.control?.as ?? 0) > above || each.control?.type === "leave"),
    );
    const ranking = latest(about.filter(({ control }) => control?.type !== "mute"));
    const speaking = latest(about.filter(({ control }) => /mute|grant/.test(control?.type ?? "")));
    const muted = best(speaking)?.control?.type === "mute";
    if (ranking.some(({ control }) => control?.type === "leave")) {
      const banned = ranking.some(({ control }) => control?.type === "ban");
      return { rank: -1, left: true, banned, muted };
    }
    const decisive = best(ranking)?.control;
    const once = owners.some(({ event }) => equal(event.root, root));
    const rank = !decisive ? (once ? 1 : -1) : "rank" in decisive ? decisive.rank : -1;
    return { rank, left: false, banned: decisive?.type === "ban", muted };
  }

  #line(): Naive[] {
    const founding = this.#all.find(({ event }) => equal(event.id, this.#roomId));
    if (founding?.control?.type !== "create") return [];
    const line = [founding];
    let commitment = founding.control.successor;
    for (;;) {
      const rivals = this.#all.filter(
        ({ event, control }) =>
          control?.type === "succeed" &&
          verifySuccession(rememberingCrypto, this.#roomId, event.root, commitment, control),
      );
      const next = rivals.filter((each) => !line.includes(each)).sort(byId)[0];
      if (next?.control?.type !== "succeed") return line;
      line.push(next);
      commitment = next.control.successor;
    }
  }
}

type Invite = Extract<Control, { type: "invite" }>;

/** Whether an invite or a claim is of this key. */
function opens({ control }: Naive, door: Uint8Array): boolean {
  if (control?.type === "invite") return equal(control.key, door);
  return control?.type === "claim" && control.invite !== null && equal(control.invite.key, door);
}

/** Events whose whole past is there. */
function placed(roomId: Uint8Array, events: readonly ControlEvent[]): Naive[] {
  const found = new Map<string, Naive>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const event of events) {
      if (found.has(toHex(event.id))) continue;
      const heads = event.auth.map((id) => found.get(toHex(id)));
      if (heads.includes(undefined)) continue;
      const past = new Set((heads as Naive[]).flatMap((head) => [head, ...head.past]));
      const read = readControl(event.kind, event.content);
      const unsound =
        read?.type === "claim" && !isClaimSound(rememberingCrypto, roomId, event.root, read);
      const control = unsound ? undefined : read;
      // Nobody counts before being judged, but for those who leave.
      const reason = control?.type === "leave" ? undefined : "unknown";
      found.set(toHex(event.id), { event, control, past, void: reason });
    }
  }
  return [...found.values()];
}

function apart(a: Naive, b: Naive): boolean {
  return a !== b && !a.past.has(b) && !b.past.has(a);
}

function latest(events: readonly Naive[]): Naive[] {
  return events.filter((each) => !events.some((other) => other.past.has(each)));
}

const ORDER = ["claim", "grant", "demote", "mute", "kick", "ban"];

function best(events: readonly Naive[]): Naive | undefined {
  const weight = ({ control }: Naive): number => Math.max(1, ORDER.indexOf(control?.type ?? ""));
  return [...events].sort(
    (a, b) => (b.control?.as ?? 0) - (a.control?.as ?? 0) || weight(b) - weight(a) || byId(a, b),
  )[0];
}

function byId(a: Naive, b: Naive): number {
  return Buffer.compare(a.event.id, b.event.id);
}
