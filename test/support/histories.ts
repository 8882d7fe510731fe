/** Random histories of a room's control events, and what strangers add to them (test/sim/ranks.test.ts, kept.test.ts). */
import fc from "fast-check";
import { toHex } from "../../src/core/codec/bytes.ts";
import { inviteSigner, makeClaim, OPEN_CLAIM } from "../../src/core/room/claim.ts";
import {
  type Control,
  type EntryRank,
  makeSuccession,
  type Rank,
  successorCommitment,
} from "../../src/core/room/control.ts";
import type { Signer } from "../../src/core/crypto/port.ts";
import type { ControlEvent } from "../../src/core/room/judged.ts";
import { Resolver } from "../../src/core/room/resolver.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { controlEvent, key, rememberingCrypto } from "./control.ts";

/** mal is let in by nobody, unless somebody of these happens to do it. */
export const PEOPLE = ["ana", "bob", "eve", "kim", "zoe", "mal"];
export const DEVICES = PEOPLE.flatMap((person) => [person, `${person}'s phone`]);
export const roomId = key("room");
const successors = [0, 1, 2].map((i) => nodeCrypto.signer(key(`successor ${i}`)));
const commitment = (i: number): Uint8Array =>
  successorCommitment(nodeCrypto, (successors[i % 3] as (typeof successors)[number]).publicKey);
export const root = (person: string): Uint8Array => key(`root ${person}`);

/** Of a room that may be open, and of one that is closed from the beginning. */
export const [openFounding, closedFounding] = [false, true].map((closed) =>
  controlEvent({
    id: "room",
    author: "ana",
    seq: 1,
    auth: [],
    control: {
      type: "create",
      as: 4,
      nonce: key("nonce").slice(0, 16),
      successor: commitment(0),
      ...(closed ? { join: "invite" } : {}),
    },
  }),
) as [ControlEvent, ControlEvent];
/** One history in four is of a closed room. */
export const foundings = fc.constantFrom(openFounding, openFounding, openFounding, closedFounding);

/** One thing that happens: a device hears of another's events, or says something. */
export interface Step {
  readonly device: number;
  readonly hears: number;
  readonly says: number;
  readonly as: Rank;
  /** Most claim the rank they have, by what they have seen. */
  readonly claims: "held" | "any";
  readonly about: number;
  readonly rank: Rank;
  /** Names an old event as all it has seen, as somebody does who backdates. */
  readonly backdates: boolean;
}

export const step: fc.Arbitrary<Step> = fc.record({
  // The founder and those near say more than others, or nearly nothing would take effect.
  device: fc.oneof(fc.nat(3), fc.nat(DEVICES.length - 1)),
  hears: fc.nat(DEVICES.length - 1),
  says: fc.nat(21),
  as: fc.constantFrom<Rank>(1, 2, 3, 4),
  claims: fc.constantFrom<"held" | "any">("held", "held", "held", "any"),
  about: fc.nat(PEOPLE.length - 1),
  rank: fc.constantFrom<Rank>(0, 1, 2, 3),
  backdates: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
});

/** The keys of two invites; nearly every history uses them up. */
const invites = [0, 1].map((i) => inviteSigner(nodeCrypto, key(`seed ${i}`).slice(0, 16)));
const claims = new Map<string, Control>();

function claimOf(door: number, author: string, rank: EntryRank): Control {
  const name = `${door} ${author} ${rank}`;
  const made = claims.get(name) ?? makeClaim(invites[door] as Signer, roomId, root(author), rank);
  claims.set(name, made);
  return made;
}

export function controlOf({ says, as, about, rank }: Step, author: string): Control {
  const door = about % 2;
  const subject = root(PEOPLE[about] as string);
  switch (says) {
    case 0:
      return { type: "leave", as: 0 };
    case 1:
      return { type: "merge", as: 0 };
    case 2:
      return rank === 0 ? { type: "checkpoint", as: 4 } : { type: "merge", as: 0 };
    case 3: {
      if (rank > 1) return { type: "kick", as, subject, cuts: [] };
      const next = commitment(rank + 1);
      return succession(rank % 3, author, next);
    }
    case 4:
      return { type: "topic", as, text: `topic ${rank}` };
    case 5:
      return { type: "mute", as, subject, until: null, cuts: [] };
    case 6:
      return { type: "kick", as, subject, cuts: [] };
    case 7:
      return { type: "ban", as, subject, cuts: [] };
    case 8:
      return { type: "demote", as, subject, rank };
    case 9:
      return { type: "policy", as, name: "history", value: String(rank) };
    case 10:
      return { type: "policy", as, name: "join", value: rank === 0 ? "open" : "invite" };
    case 11:
    case 12: {
      const { publicKey } = invites[door] as Signer;
      const until = rank === 3 ? 20 : null;
      return { type: "invite", as, key: publicKey, rank: 1, until, uses: about > 2 ? null : 1 };
    }
    case 13:
      return { type: "revoke", as, key: (invites[door] as Signer).publicKey };
    case 14:
    case 15:
    case 16:
      return claimOf(door, author, rank === 0 ? 0 : 1);
    case 17:
      return OPEN_CLAIM;
    default:
      return { type: "grant", as, subject, rank };
  }
}

const successions = new Map<string, Control>();

function succession(from: number, author: string, next: Uint8Array): Control {
  const name = `${from} ${author} ${toHex(next)}`;
  const made =
    successions.get(name) ?? makeSuccession(successors[from] as Signer, roomId, root(author), next);
  successions.set(name, made);
  return made;
}

/** The founder makes bob and kim admins, eve a moderator and zoe a member. */
function firstGrants(founding: ControlEvent): ControlEvent[] {
  const ranks: [string, Rank][] = [
    ["bob", 3],
    ["kim", 3],
    ["eve", 2],
    ["zoe", 1],
  ];
  let last = founding;
  return ranks.map(([person, rank], i) => {
    const control: Control = { type: "grant", as: 4, subject: root(person), rank };
    last = controlEvent({ id: `grant ${i}`, author: "ana", seq: i + 2, auth: [last], control });
    return last;
  });
}

/** What the devices say, each naming the heads it has seen. */
export function history(founding: ControlEvent, steps: readonly Step[]): ControlEvent[] {
  const events = [founding, ...firstGrants(founding)];
  const views = new Map(DEVICES.map((device) => [device, new Set(events)]));
  const seqs = new Map([["ana", events.length]]);
  const resolver = resolved(events);
  for (const [i, each] of steps.entries()) {
    const device = DEVICES[each.device] as string;
    const author = device.split("'")[0] as string;
    const view = views.get(device) as Set<ControlEvent>;
    for (const event of views.get(DEVICES[each.hears] as string) ?? []) view.add(event);
    const old = events[each.about % events.length] as ControlEvent;
    const auth = each.backdates ? [old] : headsOf([...view]);
    const seq = (seqs.get(device) ?? 0) + 1;
    seqs.set(device, seq);
    const ids = auth.map(({ id }) => id);
    const held = resolver.standing(root(author), resolver.view(ids)).rank;
    const as = each.claims === "held" && held > 0 ? (held as Rank) : each.as;
    const control = controlOf({ ...each, as }, author);
    const event = controlEvent({
      id: `event ${i}`,
      author,
      device,
      seq,
      auth,
      control,
      moment: 10 + i,
    });
    events.push(event);
    view.add(event);
    resolver.add(event);
  }
  return events;
}

/** A stranger who says anything at all, each time as somebody new. */
export function flooding(events: readonly ControlEvent[], each: Step, i: number): ControlEvent {
  const author = `stranger ${i}`;
  const seen = each.backdates ? (events[each.about % events.length] as ControlEvent) : events[0];
  const control = controlOf(each, author);
  return controlEvent({
    id: author,
    author,
    seq: 1,
    auth: seen ? [seen] : [],
    control,
    moment: 50,
  });
}

export function headsOf(view: readonly ControlEvent[]): ControlEvent[] {
  const named = new Set(view.flatMap(({ auth }) => auth.map(toHex)));
  return view.filter(({ id }) => !named.has(toHex(id)));
}

export function resolved(events: readonly ControlEvent[]): Resolver {
  const resolver = new Resolver(rememberingCrypto, roomId);
  for (const event of events) resolver.add(event);
  return resolver;
}
