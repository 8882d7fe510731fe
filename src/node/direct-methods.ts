/** Parameters of the socket's methods about direct messages. */
import * as v from "valibot";
import type { DirectApi } from "../app/direct-api.ts";

const person = v.object({ who: v.pipe(v.string(), v.maxLength(1_024)) });

export const directMethods = {
  directRequests: v.optional(v.object({})),
  acceptDirect: person,
  refuseDirect: person,
} satisfies Record<keyof DirectApi, v.GenericSchema>;
