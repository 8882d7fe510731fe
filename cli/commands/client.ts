/** `parley` without a command: the chat. On a terminal the terminal client, otherwise line mode. */
import { userInfo } from "node:os";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { canAsk, type Context, profileFlags } from "../context.ts";
import { lineMode } from "../line-mode.ts";
import { newPassphrase } from "../passphrase.ts";
import { ask } from "../prompt.ts";

export interface ClientFlags {
  readonly room?: string;
  /** Seconds. */
  readonly wait?: number;
  readonly screenReader: boolean;
}

export async function client(context: Context, flags: ClientFlags): Promise<number> {
  await ensureIdentity(context);
  return lineMode(context, flags);
}

/** The first run makes the identity: a person is asked for a name and nothing else. */
async function ensureIdentity(context: Context): Promise<void> {
  const node = await context.node();
  if (await node.hasIdentity(profileFlags(context))) return;
  const name = canAsk(context) ? await askName() : nameOfEnvironment();
  const passphrase = newPassphrase(context, false);
  const { identity } = await node.createIdentity({
    ...profileFlags(context),
    name,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  if (!canAsk(context))
    context.out.say(`A new identity was made: ${identity.name} · ${identity.fingerprint}.`);
  context.out.say("Your recovery phrase is kept with it: {parley id backup} shows it.");
}

async function askName(): Promise<string> {
  for (;;) {
    const name = (await ask("What shall others call you? ")).trim();
    if (name !== "") return name;
  }
}

function nameOfEnvironment(): string {
  const name = process.env["PARLEY_NAME"] ?? userInfo().username;
  if (name.trim() === "")
    throw new ParleyError("bad-name", "No name was given.", { hint: "Set PARLEY_NAME." });
  return name;
}
