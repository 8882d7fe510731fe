import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { showQr } from "../qr.ts";
import { parseDuration, showTime } from "../times.ts";

export interface DeviceLinkFlags {
  readonly expires?: string;
  /** False with --no-qr. */
  readonly qr: boolean;
  /** False with --no-wait. */
  readonly wait: boolean;
}

/** Prints a ticket, and waits until it has linked a device or is over. */
export async function deviceLink(context: Context, flags: DeviceLinkFlags): Promise<number> {
  const { out } = context;
  const lifetimeMs = flags.expires === undefined ? undefined : parseDuration(flags.expires);
  const { api, how } = await openSession(context, true);
  const made = await api.linkDevice(lifetimeMs === undefined ? {} : { lifetimeMs });
  const { ticket, expires } = made;
  await out.either("device-ticket", made, ticket);
  if (flags.qr && !out.json && process.stdout.isTTY) await showQr(context, ticket);
  out.say(
    `Makes one other device yours, until ${showTime(expires, Date.now())}. Whoever sees it can be you: show it to nobody. ` +
      "On the new device, where parley was not used yet: {parley init --link TICKET}",
  );
  // Without a node the ticket ends with this command.
  if (!flags.wait && how !== "own") return DONE;
  const linked = await api.linkedDevice({ ticket });
  const { device, name, left } = linked;
  await out.either("linked", linked, `${device.slice(0, 12)} ${name}`.trimEnd());
  out.say(
    `That device is yours now; rooms, networks and people go with it${left > 0 ? `, but for ${left} notes beyond what fits` : ""}. ` +
      `If it is not: {parley device revoke ${device.slice(0, 12)}}`,
  );
  return DONE;
}
