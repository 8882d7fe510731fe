import { type Context, profileFlags } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { newPassphrase } from "../passphrase.ts";
import { printNewIdentity } from "./id-backup.ts";

export interface InitFlags {
  readonly name: string;
  readonly passphraseStdin?: boolean;
}

export async function init(context: Context, flags: InitFlags): Promise<number> {
  const node = await context.node();
  const passphrase = newPassphrase(context, flags.passphraseStdin === true);
  const created = await node.createIdentity({
    ...profileFlags(context),
    name: flags.name,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  context.out.say(`You are ${created.identity.name} · ${created.identity.fingerprint}.`);
  await printNewIdentity(context, created);
  return DONE;
}
