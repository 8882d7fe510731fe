import type { TicketPreview } from "../../src/app/networks/api.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { canAsk, type Context, openSession } from "../context.ts";
import { DONE, FAILED } from "../exit-status.ts";
import { ask } from "../prompt.ts";
import { showTime } from "../times.ts";
import { readTicket } from "../read-ticket.ts";
import { ensureIdentity } from "./client.ts";

export interface NetJoinFlags {
  readonly ticket: string;
  readonly as?: string;
  readonly yes?: boolean;
  /** Seconds. */
  readonly wait?: number;
}

export async function netJoin(context: Context, flags: NetJoinFlags): Promise<number> {
  const { out } = context;
  const ticket = await readTicket(flags.ticket);
  await ensureIdentity(context);
  const { api } = await openSession(context, true);
  const preview = await api.netPreview({ ticket });
  out.say(described(preview));
  if (flags.yes !== true && !preview.member) {
    if (!canAsk(context))
      throw new ParleyError("not-confirmed", "Nobody is there to be asked whether to join.", {
        hint: "Add --yes.",
      });
    if (!/^y(es)?$/i.test((await ask("Join it? [y/N] ")).trim())) {
      out.say("Not joined.");
      return FAILED;
    }
  }
  const joined = await api.netJoin({
    ticket,
    ...(flags.as === undefined ? {} : { as: flags.as }),
    ...(flags.wait === undefined ? {} : { waitMs: flags.wait * 1000 }),
  });
  await out.either("network", joined, joined.name);
  const names = joined.here.map(({ name, fingerprint }) =>
    name === fingerprint ? name : `${name} · ${fingerprint}`,
  );
  out.say(
    names.length === 0
      ? `You are in ${joined.name}. Nobody is connected right now. {parley} opens the chat.`
      : `You are in ${joined.name}. There: ${names.join(", ")}. {parley} opens the chat.`,
  );
  return DONE;
}

function described({
  network,
  fingerprint,
  role,
  expires,
  expired,
  addresses,
  member,
}: TicketPreview): string {
  if (member) return `You are in ${network} already.`;
  const until = `${expired ? "It has expired:" : "It is good until"} ${showTime(expires, Date.now())}.`;
  return (
    `A ticket to the private network ${network}, made by ${fingerprint}: you would be ${role === "admin" ? "an admin" : "a member"}. ${until} ` +
    `It dials ${addresses.join(" ")}.`
  );
}
