/** Parameters of the socket's methods about people. */
import * as v from "valibot";
import type { PeopleApi } from "../app/people-api.ts";

const word = v.pipe(v.string(), v.maxLength(1_024));
const person = v.object({ who: word });

export const peopleMethods = {
  people: v.optional(v.object({})),
  setPetname: v.object({ ...person.entries, petname: v.nullable(word) }),
  block: v.object({ ...person.entries, on: v.boolean() }),
  safety: person,
  setVerified: v.object({
    ...person.entries,
    on: v.boolean(),
    by: v.optional(v.picklist(["emoji", "word"])),
    compare: v.optional(word),
  }),
  compareLive: v.object({
    ...person.entries,
    waitMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(600_000))),
  }),
} satisfies Record<keyof PeopleApi, v.GenericSchema>;
