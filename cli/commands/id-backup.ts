import { type Context, profileFlags } from "../context.ts";
import { DONE } from "../exit-status.ts";
import type { NewIdentity } from "../../src/node/index.ts";
import { passphraseFrom } from "../passphrase.ts";
import { table } from "../table.ts";

const WORDS_PER_LINE = 6;

export async function idBackup(context: Context): Promise<number> {
  const node = await context.node();
  const passphrase = passphraseFrom(context);
  await printNewIdentity(
    context,
    await node.backupIdentity({ ...profileFlags(context), passphrase }),
  );
  return DONE;
}

/** The phrase is the data here; what it is good for is said beside it. */
export async function printNewIdentity(
  context: Context,
  { identity, phrase }: NewIdentity,
): Promise<void> {
  const { out } = context;
  out.say(
    "Your recovery phrase. Write it down on paper: it brings you back, and whoever has it is you.",
  );
  await out.either("identity", { ...identity, phrase }, phraseTable(phrase));
}

function phraseTable(phrase: string): string {
  const words = phrase.split(" ");
  const rows: string[][] = [];
  for (let i = 0; i < words.length; i += WORDS_PER_LINE)
    rows.push(words.slice(i, i + WORDS_PER_LINE));
  return table(rows).join("\n");
}
