import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../../src/core/codec/bytes.ts";
import { openStore, repairStore } from "../../../src/storage/index.ts";
import { metaKey, SCHEMA_KEY } from "../../../src/storage/keys.ts";
import { openSchema, schemaRecord } from "../../../src/storage/migrations.ts";
import { nodeCrypto } from "../../../src/node/crypto.ts";
import { Writer } from "../../support/events.ts";
import { MemoryDisk, MemoryKv } from "../../support/memory-kv.ts";

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const roomId = new Uint8Array(32).fill(1);
let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "parley-open-")), "store");
});
afterEach(() => rm(join(path, ".."), { recursive: true }));

const open = () => openStore({ path, logger, createIfMissing: true });

describe("opening a store", () => {
  it("STORE-8 refuses a newer version unchanged, and brings an older one forward in one batch", async () => {
    const disk = new MemoryDisk();
    const kv = new MemoryKv(disk);
    await kv.write([{ key: SCHEMA_KEY, value: schemaRecord(9, "ready") }], true);
    await expect(openSchema(kv)).rejects.toMatchObject({ code: "store-newer" });
    const old = new MemoryKv(new MemoryDisk());
    await old.write([{ key: SCHEMA_KEY, value: schemaRecord(1, "ready") }], true);
    const steps = new Map([[1, async () => [{ key: metaKey("moved"), value: utf8("yes") }]]]);
    await openSchema(old, steps, 2);
    expect(old.get(metaKey("moved"))).toEqual(utf8("yes"));
    expect(old.get(SCHEMA_KEY)).toEqual(schemaRecord(2, "ready"));
    await expect(openSchema(old, new Map(), 3)).rejects.toMatchObject({ code: "store-older" });
  });

  it("STORE-9 says that it is open elsewhere", async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ code: "store-locked" });
    await store.close();
    await (await open()).close();
  });

  it("STORE-9 says that it is damaged; mending keeps a copy and every event that can be read", async () => {
    const writer = new Writer(roomId, 1);
    let store = await open();
    const events = Array.from({ length: 100 }, (_, i) => writer.write(`${i}`));
    await (
      await store.room(roomId)
    ).append(
      events.map((event) => ({ event, proof: "verified", counts: true })),
      { sync: true },
    );
    await store.close();
    await (await open()).close();
    const manifest = (await readdir(path)).find((name) => name.startsWith("MANIFEST")) as string;
    await writeFile(join(path, manifest), "not a manifest");
    await expect(open()).rejects.toMatchObject({ code: "store-damaged" });
    const report = await repairStore(path, "test", logger, nodeCrypto);
    expect(report).toMatchObject({ events: 100, problems: [] });
    expect(await readdir(report.copy)).toContain(manifest);
    store = await open();
    expect((await store.room(roomId)).count()).toBe(100);
    await store.close();
  });

  /** A closed store of `count` events, all in one table file. */
  async function filled(count: number): Promise<string> {
    const writer = new Writer(roomId, 1);
    const store = await open();
    const log = await store.room(roomId);
    const events = Array.from({ length: count }, (_, i) => writer.write(`${i} ${"x".repeat(200)}`));
    await log.append(
      events.map((event) => ({ event, proof: "verified", counts: true })),
      { sync: true },
    );
    await store.close();
    await (await open()).close();
    await (await open()).close();
    const table = (await readdir(path)).find((name) => name.endsWith(".ldb")) as string;
    return join(path, table);
  }

  it("STORE-9 a store without its file CURRENT is damaged, not new: nothing in it is deleted", async () => {
    await filled(100);
    await rm(join(path, "CURRENT"));
    const before = await readdir(path);
    await expect(open()).rejects.toMatchObject({ code: "store-damaged" });
    expect(await readdir(path)).toEqual(before);
    expect(await repairStore(path, "test", logger, nodeCrypto)).toMatchObject({ events: 100 });
  });

  it("STORE-9 a table file that was cut short is damage", async () => {
    await truncate(await filled(100), 5_000);
    const opening = open().then((store) => store.room(roomId));
    await expect(opening).rejects.toMatchObject({ code: "store-damaged" });
  });
});
