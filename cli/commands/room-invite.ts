import type { OwnedApi, RoomInvite, TreeMember } from "../../src/app/owned-api.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { showQr } from "../qr.ts";
import { readTicket } from "../read-ticket.ts";
import { counted } from "../../src/core/text/counted.ts";
import { table } from "../table.ts";
import { parseDuration, showTime } from "../times.ts";
import { acting, sayEntry } from "./room-acting.ts";

export interface RoomInviteFlags {
  readonly room: string;
  /** 0: any number. */
  readonly uses?: number;
  readonly expires?: string;
  readonly guest?: boolean;
  readonly approve?: boolean;
  readonly lan?: boolean;
  /** False with --no-qr. */
  readonly qr: boolean;
}

const SHOWN_DIGITS = 8;

export async function roomInvite(context: Context, flags: RoomInviteFlags): Promise<number> {
  const { out } = context;
  const { room, uses, expires, guest, lan, approve } = flags;
  const request: Parameters<OwnedApi["invite"]>[0] = {
    room,
    ...(uses === undefined ? {} : { uses: uses === 0 ? null : uses }),
    ...(expires === undefined
      ? {}
      : { lifetimeMs: expires === "never" ? null : parseDuration(expires) }),
    ...(guest === true ? { rank: "guest" } : {}),
    ...(approve === true ? { approve } : {}),
    ...(lan === true ? { lan } : {}),
  };
  const made = await acting(context, room, (api) => api.invite(request));
  await out.either("ticket", made, made.ticket);
  if (flags.qr && !out.json && process.stdout.isTTY) await showQr(context, made.ticket);
  out.say(
    `Lets ${made.uses === null ? "any number of people" : counted(made.uses, "person", "people")} into ${made.room} as ${made.rank}, ${made.expires === null ? "until it is revoked" : `until ${showTime(made.expires, Date.now())}`}. They type {parley join} and the ticket; somebody of the room has to be reachable then.`,
  );
  if (approve === true)
    out.say(`They wait there: {parley room requests ${made.room.slice(1)}} lists who does.`);
  return DONE;
}

export async function roomInvites(context: Context, room: string, tree: boolean): Promise<number> {
  const { out } = context;
  const { invites, tree: members } = await (await openStore(context)).invites({ room });
  if (out.json) {
    for (const invite of tree ? [] : invites) await out.object("invite", invite);
    for (const member of tree ? members : []) await out.object("member", member);
    return DONE;
  }
  const lines = tree ? branches(members, undefined, "") : table(invites.map(inviteRow));
  for (const line of lines) await out.line(line);
  if (lines.length === 0) out.say(`No invites yet. {parley room invite ${room}} makes one.`);
  return DONE;
}

export async function roomRevoke(context: Context, room: string, invite: string): Promise<number> {
  const given = invite === "-" ? await readTicket(invite) : invite;
  const entry = await acting(context, room, (api) => api.revokeInvite({ room, invite: given }));
  return sayEntry(context, entry);
}

function inviteRow({ key, state, rank, uses, used, expires, by }: RoomInvite): string[] {
  return [
    key.slice(0, SHOWN_DIGITS),
    state,
    rank,
    `${used} of ${uses ?? "any number"} used`,
    expires === null ? "no end" : `until ${showTime(expires, Date.now())}`,
    `by ${by}`,
  ];
}

/** Who let whom in, a line each; whoever came by the open door stands at the root as the founder does. */
function branches(
  members: readonly TreeMember[],
  by: string | undefined,
  indent: string,
): string[] {
  return members
    .filter((member) => member.by === by)
    .flatMap((member) => [
      `${indent}${member.name} · ${member.fingerprint} · ${member.rank ?? "gone"}${member.invite === undefined ? "" : ` · invite ${member.invite.slice(0, SHOWN_DIGITS)}`}`,
      ...(indent.length > 2 * members.length
        ? []
        : branches(members, member.author, `${indent}  `)),
    ]);
}
