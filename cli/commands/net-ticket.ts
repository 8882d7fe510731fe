import { counted } from "../../src/core/text/counted.ts";
import type { TicketInfo } from "../../src/app/networks/api.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { showQr } from "../qr.ts";
import { parseDuration, showTime } from "../times.ts";

export interface NetTicketFlags {
  readonly expires?: string;
  readonly uses?: number;
  readonly role?: "member" | "admin";
  readonly lan?: boolean;
  /** False with --no-qr. */
  readonly qr: boolean;
}

export async function netTicket(context: Context, flags: NetTicketFlags): Promise<number> {
  const { out } = context;
  const { expires, uses, role, lan } = flags;
  const lifetimeMs = expires === undefined ? undefined : parseDuration(expires);
  const { api, how } = await openSession(context, true);
  const made = await api.netTicket({
    ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
    ...(uses === undefined ? {} : { uses }),
    ...(role === undefined ? {} : { role }),
    ...(lan === true ? { lan } : {}),
  });
  await out.either("ticket", made, made.ticket);
  if (flags.qr && !out.json && process.stdout.isTTY) await showQr(context, made.ticket);
  out.say(sentence(made));
  if (how === "own")
    out.say(
      "Keep {parley} or {parley node} running until they have joined: somebody has to answer.",
    );
  return DONE;
}

function sentence({ network, role, uses, expires, addresses }: TicketInfo): string {
  const reach = addresses[0]?.reach;
  const whom = {
    internet: "",
    lan: " It can be used on this LAN.",
    machine: " It can be used on this machine alone.",
  }[reach ?? "machine"];
  return (
    `Lets ${counted(uses, "person", "people")} into ${network} as ${role}, until ${showTime(expires, Date.now())}.${whom} ` +
    `Whoever sees it can use it: send it to them alone. They type {parley net join} and the ticket.`
  );
}
