/** Parameters of the socket's methods about what is hidden in open rooms. */
import * as v from "valibot";
import type { HidesApi } from "../app/hides-api.ts";

const word = v.pipe(v.string(), v.maxLength(1_024));
const room = v.object({ room: word });

export const hidesMethods = {
  moderation: room,
  moderate: v.object({
    ...room.entries,
    rule: v.picklist(["hide", "unhide", "follow", "unfollow"]),
    who: word,
    dryRun: v.optional(v.boolean()),
  }),
} satisfies Record<keyof HidesApi, v.GenericSchema>;
