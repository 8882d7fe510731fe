import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { readTicket } from "../read-ticket.ts";

export async function netRevoke(context: Context, word: string): Promise<number> {
  const ticket = await readTicket(word);
  const { api, how } = await openSession(context, true);
  const revoked = await api.netRevoke({ ticket });
  await context.out.either("ticket-revoked", revoked, revoked.ticketId);
  context.out.say(
    "Revoked. Members let nobody in by it once they have heard of it; whoever has it keeps the outer key.",
  );
  if (how === "own") context.out.say("They hear of it when parley runs: {parley node}.");
  return DONE;
}
