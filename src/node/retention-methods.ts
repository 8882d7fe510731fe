/** Parameters of the socket's methods about how much of a room is kept. */
import * as v from "valibot";
import type { RetentionApi } from "../app/retention-api.ts";

const room = v.object({ room: v.pipe(v.string(), v.maxLength(1_024)) });
const count = v.optional(v.number());

export const retentionMethods = {
  retention: room,
  setRetention: v.object({ ...room.entries, keep: v.object({ days: count, messages: count }) }),
  prune: room,
  fetchOlder: room,
} satisfies Record<keyof RetentionApi, v.GenericSchema>;
