import { createInterface } from "node:readline";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { canAsk, type Context, profileFlags } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { newPassphrase, passphraseOf } from "../passphrase.ts";
import { ask, askSecret } from "../prompt.ts";

export interface RestoreFlags {
  readonly name?: string;
  readonly passphraseStdin?: boolean;
}

export async function idRestore(context: Context, flags: RestoreFlags): Promise<number> {
  const node = await context.node();
  const given = canAsk(context) ? await asked(context, flags) : await piped(context, flags);
  const { identity } = await node.restoreIdentity({ ...profileFlags(context), ...given });
  await context.out.either("identity", identity, `${identity.name} · ${identity.fingerprint}`);
  context.out.say(
    "This device has a key of its own. Your rooms, those with an owner in which you have a rank too, come back from those you meet: run {parley}, or {parley connect} and a friend's address. Private networks do not: ask a member for a ticket, or link this device from another of yours.",
  );
  return DONE;
}

interface Given {
  readonly name: string;
  readonly phrase: string;
  readonly passphrase?: string;
}

async function asked(context: Context, flags: RestoreFlags): Promise<Given> {
  const phrase = await askSecret("Recovery phrase (24 words, not shown): ");
  const name = flags.name ?? (await ask("Your name: "));
  const passphrase = newPassphrase(context, false);
  return { name, phrase, ...(passphrase === undefined ? {} : { passphrase }) };
}

/** The phrase is the first line of standard input, a passphrase to lock it with the second. */
async function piped(context: Context, flags: RestoreFlags): Promise<Given> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: process.stdin })) lines.push(line);
  const [phrase = "", secret = ""] = lines;
  if (phrase.trim() === "") {
    throw new ParleyError(
      "bad-usage",
      "The recovery phrase is read from standard input, and there was none.",
      {
        hint: "{parley id restore --name ana < phrase}",
      },
    );
  }
  if (flags.name === undefined) {
    throw new ParleyError("bad-usage", "A name is needed.", {
      hint: "{parley id restore --name ana}",
    });
  }
  const passphrase = flags.passphraseStdin ? passphraseOf(secret) : newPassphrase(context, false);
  return { name: flags.name, phrase, ...(passphrase === undefined ? {} : { passphrase }) };
}
