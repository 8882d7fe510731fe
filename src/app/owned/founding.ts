/** Founding a room: its first event, whose id is the room's (docs/spec/owned-rooms.md). */
import { utf8 } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { ROOM_TOPIC_MAX_BYTES, SEALED_TOPIC_MAX_BYTES } from "../../core/codec/limits.ts";
import { momentOf } from "../../core/log/clock.ts";
import { encodeName } from "../../core/log/content.ts";
import { createEvent, NO_ROOM } from "../../core/log/event.ts";
import { KIND_NAME } from "../../core/log/types.ts";
import {
  type Control,
  encodeControl,
  kindOf,
  OWNER,
  successorCommitment,
} from "../../core/room/control.ts";
import { canonicalRoomName } from "../../core/room/open-room.ts";
import { cleanName } from "../../core/text/clean.ts";
import type { Context } from "../context.ts";
import type { CreateRoom } from "../owned-api.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { saveSuccessor } from "./successor.ts";

const NONCE_BYTES = 16;
const SEED_BYTES = 32;

/** @throws ParleyError `bad-room-name`, `room-exists`, `bad-topic` */
export async function foundRoom(
  context: Context,
  rooms: Rooms,
  request: CreateRoom,
): Promise<JoinedRoom> {
  const name = canonicalRoomName(request.name);
  if (rooms.list().some(({ state }) => state.keys.name === name))
    throw new ParleyError("room-exists", `You are in a room called ${name} already.`, {
      hint: "Choose another name, or leave that one first.",
    });
  const later = settingsOf(name, request);
  const { crypto, clock, random, store } = context.init;
  const successor = random.bytes(SEED_BYTES);
  const control: Control = {
    type: "create",
    as: OWNER,
    nonce: random.bytes(NONCE_BYTES),
    successor: successorCommitment(crypto, crypto.signer(successor).publicKey),
    ...(request.private === true
      ? { history: request.history ?? "all" }
      : request.join === "invite"
        ? { join: request.join }
        : {}),
  };
  const event = createEvent(crypto, {
    roomId: NO_ROOM,
    root: context.root,
    signer: context.signer,
    kind: kindOf(control),
    seq: 1,
    prev: null,
    parents: [],
    auth: [],
    moment: momentOf(clock.nowMs()),
    content: encodeControl(control),
  });
  await saveSuccessor(context, event.id, successor);
  const log = await store.room(event.id);
  await log.append([{ event, proof: "verified", counts: false }], { sync: true });
  const outer = request.private === true ? { key: random.bytes(32), epoch: null } : undefined;
  const room = await rooms.joinOwned(name, event.id, true, outer);
  for (const each of later) await room.outbox.putContent(kindOf(each), encodeControl(each));
  await introduce(context, room);
  return room;
}

/** Says what one is called, so that nobody has to write to be known by name. */
export async function introduce({ name }: Context, { outbox }: JoinedRoom): Promise<void> {
  if (name !== "") await outbox.putContent(KIND_NAME, encodeName(name));
}

function settingsOf(name: string, request: CreateRoom): Control[] {
  const { topic, ephemeral, unlisted } = request;
  const policy = (policyName: string, value: string): Control => ({
    type: "policy",
    as: OWNER,
    name: policyName,
    value,
  });
  // Of a private room the control events say no name and no topic in clear; nobody else is told of it, or comes in without an invite.
  if (request.private === true)
    return [
      policy("join", "invite"),
      policy("listed", "no"),
      ...(ephemeral === true ? [policy("ephemeral", "1d")] : []),
    ];
  return [
    policy("name", name),
    ...(topic === undefined ? [] : [topicOf(topic, OWNER)]),
    ...(ephemeral === true ? [policy("ephemeral", "1d")] : []),
    ...(unlisted === true ? [policy("listed", "no")] : []),
  ];
}

/** @throws ParleyError `bad-topic` */
export function topicOf(
  text: string,
  as: 2 | 3 | 4,
  isPrivate = false,
): Control & { type: "topic" } {
  const topic = cleanName(text) === "" ? "" : text.replace(/\s+/g, " ").trim();
  const most = isPrivate ? SEALED_TOPIC_MAX_BYTES : ROOM_TOPIC_MAX_BYTES;
  if (utf8(topic).length > most)
    throw new ParleyError("bad-topic", `A topic has at most ${most} bytes.`);
  return { type: "topic", as, text: topic };
}
