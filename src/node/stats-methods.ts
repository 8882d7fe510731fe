/** Parameters of the socket's methods that count. */
import * as v from "valibot";
import type { StatsApi } from "../app/stats-api.ts";

const word = v.pipe(v.string(), v.maxLength(1_024));

export const statsMethods = {
  statistics: v.object({ room: word, since: v.optional(word), timeZone: v.optional(word) }),
} satisfies Record<keyof StatsApi, v.GenericSchema>;
