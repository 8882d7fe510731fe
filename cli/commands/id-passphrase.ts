import { ParleyError } from "../../src/core/codec/errors.ts";
import { canAsk, type Context, profileFlags } from "../context.ts";
import { converting } from "../converting.ts";
import { DONE } from "../exit-status.ts";
import { passphraseFrom, readPassphraseFile } from "../passphrase.ts";
import { askSecret } from "../prompt.ts";

export interface PassphraseFlags {
  readonly newPassphraseFile?: string;
  readonly remove?: boolean;
}

export async function idPassphrase(context: Context, flags: PassphraseFlags): Promise<number> {
  const { out } = context;
  const node = await context.node();
  const { told, clear } = converting(context);
  const changed = await node.changePassphrase({
    ...profileFlags(context),
    passphrase: passphraseFrom(context),
    newPassphrase: () => newPassphrase(context, flags),
    converting: told,
  });
  clear();
  const text = changed.sealed
    ? "The profile is sealed with that passphrase."
    : "The profile has no passphrase; its store lies in clear.";
  await out.either("passphrase", changed, text);
  if (changed.unsealedCopies.length > 0) {
    const copies = changed.unsealedCopies.join(", ");
    out.say(`Copies of damaged stores lie beside it in clear: ${copies}. Delete them.`);
  }
  return DONE;
}

async function newPassphrase(
  context: Context,
  { remove, newPassphraseFile }: PassphraseFlags,
): Promise<string | undefined> {
  if (remove === true && newPassphraseFile !== undefined)
    throw new ParleyError("bad-usage", "Either another passphrase or none.");
  if (remove === true) return undefined;
  if (newPassphraseFile !== undefined) return readPassphraseFile(newPassphraseFile);
  if (!canAsk(context)) {
    throw new ParleyError("bad-usage", "Which passphrase?", {
      hint: "{parley id passphrase --new-passphrase-file FILE}, or --remove",
    });
  }
  const first = await askSecret("New passphrase: ");
  if (first === "") throw new ParleyError("bad-usage", "An empty passphrase seals nothing.");
  if (first !== (await askSecret("Once more: ")))
    throw new ParleyError("bad-usage", "These are two different passphrases. Nothing was changed.");
  return first;
}
