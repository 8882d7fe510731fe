/** What is known of a room that has an owner. */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { msOf } from "../../core/log/clock.ts";

import type { Resolver } from "../../core/room/resolver.ts";
import type { Governed } from "../../core/sync/governed.ts";
import { cleanText } from "../../core/text/clean.ts";
import type { MemberInfo, RoomInfo } from "../api.ts";
import type { OwnedRoomInfo } from "../owned-api.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Acting, OwnedRoom } from "./acting.ts";
import { rankName } from "./ranks.ts";
import { successorOf } from "./successor.ts";

/** Name → values; empty: any text. */
export const POLICIES: Readonly<Record<string, readonly string[]>> = {
  name: [],
  join: ["open", "invite"],
  ephemeral: ["no", "1d", "7d", "30d"],
  listed: ["yes", "no"],
};

/** @throws ParleyError `bad-policy` */
export function checkPolicy(name: string, value: string, { resolver, ring }: Governed): void {
  const values = POLICIES[name];
  if (!values)
    throw new ParleyError("bad-policy", `A room has no policy “${name}”.`, {
      hint: `There are ${Object.keys(POLICIES).join(", ")}.`,
    });
  if (values.length > 0 && !values.includes(value))
    throw new ParleyError("bad-policy", `${name} can be ${values.join(" or ")}.`);
  if (ring && name !== "ephemeral")
    throw new ParleyError("bad-policy", `The ${name} of a private room cannot be changed.`, {
      hint: "Its name travels in its tickets alone; one comes in by an invite, and nobody else is told of it.",
    });
  if (resolver.isInviteOnly() && name === "join")
    throw new ParleyError("bad-policy", "This room was founded for invited people alone.", {
      hint: "That cannot be changed. {parley room invite ROOM|/invite} makes tickets to it.",
    });
}

/** One line of foreign text. */
export function oneLine(text: string | undefined): string {
  return cleanText(text ?? "")
    .replace(/\s+/g, " ")
    .trim();
}

/** What a room is about; of a private one as far as it can be opened. */
function topicOf({ resolver, ring }: Governed): string {
  const topic = resolver.setting("topic");
  return oneLine(ring && topic ? ring.openText(topic) : topic);
}

/** What the line of a room in a list says beside what every room has. */
export function ownedFacts(
  { governed }: JoinedRoom["state"],
  root: Uint8Array,
): Pick<RoomInfo, "topic" | "rank" | "private"> {
  if (!governed || governed.resolver.pair) return {};
  const { resolver, ring } = governed;
  return {
    ...(ring ? { private: ring.history } : {}),
    topic: topicOf(governed),
    rank: rankName(governed.removal ? -1 : resolver.standing(root).rank),
  };
}

export function policiesOf(resolver: Resolver): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(POLICIES)) {
    const value = resolver.setting(`policy/${name}`);
    if (value !== undefined) found[name] = oneLine(value);
  }
  return resolver.isInviteOnly() ? { ...found, join: "invite" } : found;
}

export async function detailsOf(acting: Acting, room: OwnedRoom): Promise<OwnedRoomInfo> {
  const { context, rooms } = acting;
  const { resolver, controls } = room.governed;
  const owner = resolver.owner();
  const judged = [...resolver.all()];
  const policies = policiesOf(resolver);
  const { author, name, fingerprint } = owner
    ? acting.person(room, toHex(owner))
    : { author: "", name: "", fingerprint: "" };
  return {
    ...(await rooms.view.info(room)),
    topic: topicOf(room.governed),
    called: policies["name"] ?? room.state.keys.name,
    owner: { author, name, fingerprint },
    rank: rankName(room.governed.removal ? -1 : acting.standing(room).rank),
    policies,
    successor: (await successorOf(context, room.state.keys.roomId)) !== undefined,
    controls: controls.all.length,
    void: judged.filter(({ void: reason }) => reason !== undefined).length,
    aside: (await room.state.log.aside()).length,
  };
}

/** The members of a room with their ranks; also those who have not written. */
export function withRanks(
  acting: Acting,
  room: OwnedRoom,
  members: readonly MemberInfo[],
): MemberInfo[] {
  const { resolver } = room.governed;
  const found = new Map(members.map((member) => [member.author, member]));
  for (const root of resolver.people()) {
    const author = toHex(root);
    if (!found.has(author)) found.set(author, unheard(acting, room, author));
  }
  const rankOf = (author: string): number => acting.standing(room, fromHex(author)).rank;
  return [...found.values()]
    .map((member): MemberInfo => {
      const { rank, banned, muted } = acting.standing(room, fromHex(member.author));
      return {
        ...member,
        rank: rankName(rank),
        ...(banned ? { banned } : {}),
        ...(muted ? { mutedUntil: muted.until === null ? null : timeOf(muted.until) } : {}),
      };
    })
    .filter(({ rank, banned, me, here }) => rank !== null || banned === true || me || here)
    .sort(
      (a, b) =>
        rankOf(b.author) - rankOf(a.author) ||
        Number(b.here) - Number(a.here) ||
        a.name.localeCompare(b.name),
    );
}

function unheard(acting: Acting, room: OwnedRoom, author: string): MemberInfo {
  return {
    ...acting.person(room, author),
    me: author === acting.context.author,
    here: false,
    messages: 0,
    ignored: acting.context.ignored.has(author) || acting.context.book.isBlocked(author),
    verified: acting.context.book.isVerified(author),
    confusable: false,
    equivocated: false,
  };
}

function timeOf(moment: number): string {
  return new Date(msOf(moment)).toISOString();
}
