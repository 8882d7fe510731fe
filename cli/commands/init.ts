import { ParleyError } from "../../src/core/codec/errors.ts";
import { canAsk, type Context, profileFlags } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { newPassphrase } from "../passphrase.ts";
import { ask } from "../prompt.ts";
import { readTicket } from "../read-ticket.ts";
import { printNewIdentity } from "./id-backup.ts";

export interface InitFlags {
  readonly name?: string;
  readonly link?: string;
  /** Seconds. */
  readonly wait?: number;
  readonly passphraseStdin?: boolean;
}

export async function init(context: Context, flags: InitFlags): Promise<number> {
  const { name, link } = flags;
  if (link !== undefined) return initLinked(context, link, flags);
  if (name === undefined)
    throw new ParleyError("bad-usage", "What shall others call you?", {
      hint: "{parley init --name NAME}; or {parley init --link TICKET} with a ticket of your other device",
    });
  const node = await context.node();
  const passphrase = newPassphrase(context, flags.passphraseStdin === true);
  const created = await node.createIdentity({
    ...profileFlags(context),
    name,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  context.out.say(`You are ${created.identity.name} · ${created.identity.fingerprint}.`);
  await printNewIdentity(context, created);
  return DONE;
}

async function initLinked(context: Context, link: string, flags: InitFlags): Promise<number> {
  if (flags.name !== undefined || (link === "-" && flags.passphraseStdin === true))
    throw new ParleyError(
      "bad-usage",
      flags.name === undefined
        ? "Standard input cannot be the ticket and the passphrase."
        : "A linked device has the name of your other one.",
    );
  const ticket = await readTicket(link);
  await linkHere(context, ticket, flags);
  return DONE;
}

/** Makes this profile another device of whoever made the ticket, and says so. */
export async function linkHere(
  context: Context,
  ticket: string,
  { wait = 30, passphraseStdin = false }: Pick<InitFlags, "wait" | "passphraseStdin">,
): Promise<void> {
  const node = await context.node();
  const owner = await node.ticketOwner(ticket);
  if (canAsk(context)) {
    const said = await ask(`Be another device of ${owner}? It is to be the one you made. [y/N] `);
    if (!/^y(es)?$/i.test(said.trim()))
      throw new ParleyError("not-confirmed", "Nothing was linked.");
  }
  const passphrase = newPassphrase(context, passphraseStdin);
  context.out.say("Asking your other device …");
  const identity = await node.linkIdentity({
    ...profileFlags(context),
    ticket,
    waitMs: wait * 1_000,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  const { name, fingerprint } = identity;
  await context.out.either("identity", identity, `${name} · ${fingerprint}`);
  context.out.say(
    `This is another device of ${name} now, with a key of its own. Your rooms are here; what was said in them comes from those you meet.`,
  );
}
