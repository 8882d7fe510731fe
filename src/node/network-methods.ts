/** Parameters of the socket's methods about networks. */
import * as v from "valibot";
import type { NetworksApi } from "../app/networks/api.ts";

const word = v.pipe(v.string(), v.maxLength(1_024));
const text = v.pipe(v.string(), v.maxLength(8_192));
const named = v.object({ name: word });
const maybeNamed = v.optional(v.object({ name: v.optional(word) }), {});

export const networkMethods = {
  netCreate: v.object({ name: word, swarmKey: v.optional(text) }),
  netList: v.optional(v.object({})),
  netUse: named,
  netShow: maybeNamed,
  netTicket: v.object({
    name: v.optional(word),
    lifetimeMs: v.optional(v.number()),
    uses: v.optional(v.number()),
    role: v.optional(v.picklist(["member", "admin"])),
    lan: v.optional(v.boolean()),
  }),
  netPreview: v.object({ ticket: text }),
  netJoin: v.object({
    ticket: text,
    as: v.optional(word),
    waitMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000))),
  }),
  netLeave: named,
  netRevoke: v.object({ ticket: text }),
  netRotate: v.object({
    name: v.optional(word),
    overlapMs: v.optional(v.number()),
    without: v.optional(v.pipe(v.array(word), v.maxLength(64))),
    outer: v.optional(v.boolean()),
  }),
  netExport: maybeNamed,
} satisfies Record<keyof NetworksApi, v.GenericSchema>;
