/** What this machine can do at all, measured in the same run. */
import { join } from "node:path";
import { Level } from "level";
import { nodeCrypto } from "../src/node/crypto.ts";
import { now, text } from "./measure.ts";

/** Rates per second. */
export async function limits(folder: string): Promise<Record<string, number>> {
  const signer = nodeCrypto.signer(new Uint8Array(32).fill(1));
  const message = new TextEncoder().encode(text("L", 0));
  const signature = signer.sign(message);
  return {
    "limit: Ed25519 signatures": rate(3_000, () => signer.sign(message)),
    "limit: Ed25519 checks": rate(2_000, () =>
      nodeCrypto.verify(signer.publicKey, message, signature),
    ),
    "limit: SHA-256 of 256 bytes": rate(50_000, () => nodeCrypto.sha256(message)),
    "limit: LevelDB puts, awaited one by one": await puts(join(folder, "a"), 3_000, false),
    "limit: LevelDB puts, each synced": await puts(join(folder, "b"), 500, true),
  };
}

function rate(count: number, work: () => unknown): number {
  const startMs = now();
  for (let i = 0; i < count; i++) work();
  return (count / (now() - startMs)) * 1000;
}

async function puts(folder: string, count: number, sync: boolean): Promise<number> {
  const database = new Level(folder);
  await database.open();
  const startMs = now();
  for (let i = 0; i < count; i++)
    await database.batch().put(String(i), text("L", i)).write({ sync });
  const perSecond = (count / (now() - startMs)) * 1000;
  await database.close();
  return perSecond;
}
