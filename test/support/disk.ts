/** What lies on somebody's disk, for tests that look for what must not. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";

/**
 * Every file under a folder as it stands, and every record of every LevelDB there, whose files are compressed. What had them open
 * has ended.
 */
export async function everythingIn(folder: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((it) => it.isFile()))
    parts.push(await readFile(join(entry.parentPath, entry.name)));
  for (const entry of entries.filter((it) => it.name === "CURRENT"))
    parts.push(...(await recordsOf(entry.parentPath)));
  return Buffer.concat(parts);
}

/** The needles that are there, in UTF-8; those in hex as bytes too. */
export function foundIn(bytes: Buffer, needles: readonly string[]): string[] {
  return needles.filter(
    (needle) =>
      bytes.includes(Buffer.from(needle)) ||
      (/^([0-9a-f]{2}){16,}$/.test(needle) && bytes.includes(Buffer.from(needle, "hex"))),
  );
}

async function recordsOf(path: string): Promise<Uint8Array[]> {
  const encodings = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
  const db = new Level<Buffer, Buffer>(path, { ...encodings, createIfMissing: false });
  const records: Uint8Array[] = [];
  for await (const record of db.iterator()) records.push(...record);
  await db.close();
  return records;
}
