/** The schema version of a store, and the path from older ones (docs/spec/store.md). */
import { fromUtf8, utf8 } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { damagedError } from "./errors.ts";
import { SCHEMA_KEY } from "./keys.ts";
import { scopeRecords } from "./scope-records.ts";
import { renewIndex } from "./search/noting.ts";
import type { Kv, KvPut } from "./kv.ts";

export const SCHEMA_VERSION = 7;

/** What the store was doing when it was last written. */
export type SchemaState = "ready" | "rebuilding";

/** One step of a migration: puts that bring version N to N + 1, written in one batch with the new version. */
export type Migration = (kv: Kv) => Promise<KvPut[]>;

/** `MIGRATIONS[n]` brings version n to n + 1. */
export const MIGRATIONS: ReadonlyMap<number, Migration> = new Map([
  [1, scopeRecords],
  // From here on the search index has rows that older versions cannot read; older rows stay, and are read.
  [2, async () => []],
  // Removed texts are noted, so that the search index forgets their words. An older version would leave the notes unread, and unsealed.
  [3, async () => []],
  // Revocations are listed as well; those that came before are in records of their own.
  [4, async () => []],
  // The search index has codes for terms from here on, and is made anew.
  [5, renewIndex],
  // From here on values of a sealed store are sealed in a way that earlier versions cannot open; those that are there stay, and are read.
  [6, async () => []],
]);

/**
 * Checks the version, migrates where needed, and writes the record of a new store.
 * @throws ParleyError `store-newer`, `store-damaged`
 */
export async function openSchema(
  kv: Kv,
  migrations: ReadonlyMap<number, Migration> = MIGRATIONS,
  wanted = SCHEMA_VERSION,
): Promise<SchemaState> {
  const record = kv.get(SCHEMA_KEY);
  if (!record) {
    const [anything] = await kv.keys({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff), limit: 1 });
    if (anything) throw damagedError("the profile", new Error("records without a schema version"));
    await kv.write([{ key: SCHEMA_KEY, value: schemaRecord(wanted, "ready") }], true);
    return "ready";
  }
  const { version, state } = readSchema(record);
  if (version > wanted) {
    throw new ParleyError(
      "store-newer",
      `The store was written by a newer parley (version ${version}, this one knows ${wanted}).`,
      {
        hint: "Install the newer parley again; nothing was changed.",
      },
    );
  }
  for (let from = version; from < wanted; from++) {
    const migrate = migrations.get(from);
    if (!migrate)
      throw new ParleyError(
        "store-older",
        `No way is known from store version ${from} to ${wanted}.`,
      );
    const puts = await migrate(kv);
    await kv.write([...puts, { key: SCHEMA_KEY, value: schemaRecord(from + 1, state) }], true);
  }
  return state;
}

export function schemaRecord(version: number, state: SchemaState): Uint8Array {
  return utf8(`${version} ${state}`);
}

function readSchema(record: Uint8Array): { version: number; state: SchemaState } {
  const match = /^(\d{1,6}) (ready|rebuilding)$/.exec(fromUtf8(record));
  if (!match) throw damagedError("the profile", new Error("a schema record that cannot be read"));
  return { version: Number(match[1]), state: match[2] as SchemaState };
}
