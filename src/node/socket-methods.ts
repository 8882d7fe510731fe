/** The methods of the socket and the shape of their parameters: ParleyApi, checked where it comes from outside. */
import * as v from "valibot";
import type { ParleyApi } from "../app/api.ts";
import { devicesMethods } from "./devices-methods.ts";
import { directMethods } from "./direct-methods.ts";
import { hidesMethods } from "./hides-methods.ts";
import { networkMethods } from "./network-methods.ts";
import { peopleMethods } from "./people-methods.ts";
import { ownedMethods } from "./owned-methods.ts";
import { retentionMethods } from "./retention-methods.ts";
import { statsMethods } from "./stats-methods.ts";
import { transferMethods } from "./transfer-methods.ts";

const text = v.pipe(v.string(), v.maxLength(1_000_000));
const word = v.pipe(v.string(), v.maxLength(1_024));
const room = v.object({ room: word });
/** A room, or a ticket to one. */
const roomOrTicket = v.object({ room: v.pipe(v.string(), v.maxLength(4_096)) });
const none = v.optional(v.object({}));

export const METHODS = {
  hello: v.object({ client: word, api: v.number(), network: v.optional(word) }),
  identity: none,
  setName: v.object({ name: word }),
  rooms: none,
  join: roomOrTicket,
  leave: room,
  members: room,
  send: v.object({
    room: word,
    text,
    kind: v.optional(v.picklist(["text", "action"])),
    waitMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000))),
  }),
  history: v.object({
    room: word,
    limit: v.optional(v.number()),
    before: v.optional(word),
    after: v.optional(word),
    since: v.optional(word),
    until: v.optional(word),
    from: v.optional(word),
    names: v.optional(v.boolean()),
  }),
  search: v.object({
    words: word,
    room: v.optional(word),
    from: v.optional(word),
    since: v.optional(word),
    until: v.optional(word),
    before: v.optional(word),
    limit: v.optional(v.number()),
    order: v.optional(v.picklist(["newest", "best"])),
  }),
  ...transferMethods,
  ...retentionMethods,
  ...statsMethods,
  ...networkMethods,
  ...devicesMethods,
  ...hidesMethods,
  ...peopleMethods,
  ...ownedMethods,
  ...directMethods,
  message: v.object({ room: word, id: word }),
  markRead: room,
  readMarker: room,
  peers: none,
  connect: v.object({ address: word }),
  addresses: none,
  status: none,
  doctor: v.object({ room: v.optional(word), rebuild: v.optional(v.boolean()) }),
  whois: v.object({ who: word, room: v.optional(word) }),
  ignore: v.object({ who: word, on: v.boolean() }),
  ignored: none,
  settings: none,
  setSetting: v.object({ key: word, value: v.nullable(text) }),
  lock: none,
  stop: none,
} satisfies Record<Exclude<keyof ParleyApi, "subscribe">, v.GenericSchema>;

export type MethodName = keyof typeof METHODS;

export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

/** The first thing wrong with parameters, or undefined. */
export function wrongParams(method: MethodName, params: unknown): string | undefined {
  const result = v.safeParse(METHODS[method], params);
  if (result.success) return undefined;
  const [issue] = result.issues;
  return `${issue.path?.map((part) => String(part.key)).join(".") ?? "params"}: ${issue.message}`;
}
