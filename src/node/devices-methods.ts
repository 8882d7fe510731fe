/** Parameters of the socket's methods about this person's devices. */
import * as v from "valibot";
import type { DevicesApi } from "../app/devices-api.ts";

const word = v.pipe(v.string(), v.maxLength(1_024));
const device = v.object({ device: word });

export const devicesMethods = {
  devices: v.optional(v.object({})),
  nameDevice: v.object({ ...device.entries, name: v.nullable(word) }),
  linkDevice: v.object({ lifetimeMs: v.optional(v.number()) }),
  linkedDevice: v.object({ ticket: v.pipe(v.string(), v.maxLength(4_096)) }),
  revokeDevice: device,
} satisfies Record<keyof DevicesApi, v.GenericSchema>;
