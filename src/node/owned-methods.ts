/** Parameters of the socket's methods about rooms that have an owner. */
import * as v from "valibot";
import type { OwnedApi } from "../app/owned-api.ts";

const word = v.pipe(v.string(), v.maxLength(4_096));
const room = v.object({ room: word });
const person = v.object({ ...room.entries, who: word });
const count = v.pipe(v.number(), v.minValue(0));

export const ownedMethods = {
  createRoom: v.object({
    name: word,
    topic: v.optional(word),
    ephemeral: v.optional(v.boolean()),
    unlisted: v.optional(v.boolean()),
    join: v.optional(v.picklist(["open", "invite"])),
  }),
  roomDetails: room,
  setTopic: v.object({ ...room.entries, topic: word }),
  setPolicy: v.object({ ...room.entries, name: word, value: word }),
  setRank: v.object({
    ...person.entries,
    rank: v.picklist(["guest", "member", "moderator", "admin"]),
  }),
  promote: v.object({ ...person.entries, steps: v.number() }),
  removeMember: v.object({
    ...person.entries,
    how: v.picklist(["kick", "ban", "mute"]),
    forMs: v.optional(count),
    reason: v.optional(word),
  }),
  restoreMember: v.object({ ...person.entries, how: v.picklist(["unban", "unmute"]) }),
  checkpoint: room,
  successorKey: room,
  takeOver: v.object({ ...room.entries, key: word }),
  roomLog: room,
  invite: v.object({
    ...room.entries,
    rank: v.optional(v.picklist(["guest", "member"])),
    uses: v.optional(v.nullable(count)),
    lifetimeMs: v.optional(v.nullable(count)),
    lan: v.optional(v.boolean()),
    approve: v.optional(v.boolean()),
  }),
  requests: room,
  answerRequest: v.object({ ...person.entries, admit: v.boolean() }),
  invites: room,
  revokeInvite: v.object({ ...room.entries, invite: word }),
  undoBranch: v.object({ ...person.entries, how: v.picklist(["kick", "ban"]) }),
  publicRooms: v.optional(v.object({})),
} satisfies Record<keyof OwnedApi, v.GenericSchema>;
