import { setTimeout as pause } from "node:timers/promises";
import type { Notice, ParleyApi, RoomInfo } from "../../src/app/api.ts";
import type { ListedRoom } from "../../src/app/owned-api.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { readTicket } from "../read-ticket.ts";

/** Without a running node, somebody of the room has this long to answer. */
const ENTER_MS = 15_000;
const LOOK_MS = 100;
/** The claim is on the disk; whoever is there gets it with the next frames, of which the node that ends with the command has so long. */
const LAST_FRAMES_MS = 500;
/** How long peers have to say which rooms they carry. */
const NAMESAKE_WAIT_MS = 1_000;
/** Of "room:" and the digits of an id, enough to be the only one. */
const REF_CHARACTERS = 21;

export async function join(context: Context, room: string): Promise<number> {
  const given = room === "-" ? await readTicket(room) : room;
  // Whoever has a ticket knocks at once; an open room is joined without anybody.
  const owned = /^(parley|room):/i.test(given.trim());
  const { api, how } = await openSession(context, owned);
  const joined = await api.join({ room: given });
  if (joined.rank !== undefined) return enter(context, api, joined, how === "own");
  await context.out.either("joined", joined, joined.room);
  context.out.say(
    `${joined.room} is open: anyone on this network who runs parley can read it and write there.`,
  );
  const beside = await namesake(api, joined);
  if (beside)
    context.out.say(
      `Peers carry another room ${joined.room} that has an owner: {parley join ${beside.ref.slice(0, REF_CHARACTERS)}} asks to come in there.`,
    );
  return DONE;
}

/** A room that has an owner and the name of the open one just joined, where connected peers carry one. */
async function namesake(api: ParleyApi, joined: RoomInfo): Promise<ListedRoom | undefined> {
  try {
    const listed = await Promise.race([api.publicRooms(), pause(NAMESAKE_WAIT_MS, [])]);
    return listed.find(({ name, joined: known }) => name === joined.room && !known);
  } catch (error) {
    // Nobody can be asked without a network; that is no failure of joining.
    if (isParleyError(error, "network-off")) return undefined;
    throw error;
  }
}

/** Waits until the room's members know of the newcomer. @param endsHere whether the node ends with this command */
async function enter(
  { out }: Context,
  api: ParleyApi,
  joined: RoomInfo,
  endsHere: boolean,
): Promise<number> {
  let info = joined;
  for (let waitedMs = 0; info.rank === null && waitedMs < ENTER_MS; waitedMs += LOOK_MS) {
    await pause(LOOK_MS);
    info = (await api.rooms()).find(({ roomId }) => roomId === joined.roomId) ?? info;
    if (info.rank === null && (await refusedBy(api, info))) break;
  }
  if (info.rank !== null && endsHere) await pause(LAST_FRAMES_MS);
  await out.either("joined", info, info.room);
  const refused = info.rank === null ? await refusedBy(api, info) : undefined;
  if (refused) out.say(`${refused.text} ${refused.hint ?? ""}`.trim());
  else if (info.rank === null)
    out.say(
      `Nobody of ${info.room} has answered yet. The ticket is kept: you are in as soon as {parley} runs together with somebody of the room.`,
    );
  else out.say(`You are in ${info.room} as ${info.rank}.`);
  return DONE;
}

/** What the room's own events say against a ticket that was used: it has expired, was revoked or is used up. */
async function refusedBy(api: ParleyApi, { room }: RoomInfo): Promise<Notice | undefined> {
  const { notices } = await api.status();
  return notices.find((notice) => notice.code === "not-admitted" && notice.room === room);
}
