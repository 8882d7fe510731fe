import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { concat, toHex, utf8 } from "../../../src/core/codec/bytes.ts";
import type { LogEvent } from "../../../src/core/log/types.ts";
import { nodeCrypto } from "../../../src/node/crypto.ts";
import { openStore, repairStore } from "../../../src/storage/index.ts";
import { TABLE } from "../../../src/storage/keys.ts";
import { openLevel } from "../../../src/storage/level-kv.ts";
import { mendedPath } from "../../../src/storage/repair.ts";
import { Writer } from "../../support/events.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { runSeed, sized } from "../../support/size.ts";

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const rooms = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
let folder: string;
let path: string;
let pristine: string;
let events: LogEvent[][];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-salvage-"));
  path = join(folder, "store");
  pristine = join(folder, "pristine");
  events = await fill();
  await cp(path, pristine, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const open = () => openStore({ path, logger, createIfMissing: true });
const repair = (stamp: string) => repairStore(path, stamp, logger, nodeCrypto);

/** Two rooms, three writers, some of it in a table and the rest in the log, as a killed process leaves it. */
async function fill(): Promise<LogEvent[][]> {
  const written: LogEvent[][] = [[], []];
  const writers = rooms.map((room, i) => [new Writer(room, 1), new Writer(room, 2 + i)]);
  const part = async (count: number): Promise<void> => {
    const store = await open();
    for (const [i, roomId] of rooms.entries()) {
      const made: LogEvent[] = [];
      for (const writer of writers[i] ?? []) {
        const { root, device, wire } = writer.certificate;
        await store.putCertificate(root, device, 1, wire);
        for (let n = 0; n < count; n++) made.push(writer.write(`${n} ${"words ".repeat(n % 30)}`));
      }
      const log = await store.room(roomId);
      await log.append(
        made.map((event) => ({ event, proof: "verified", counts: true })),
        { sync: true },
      );
      written[i]?.push(...made);
      await log.setFloor(7);
    }
    await store.writeMeta([{ key: "name", value: utf8("ana") }]);
    if (count !== 40) return store.close();
    await cp(path, join(folder, "killed"), { recursive: true });
    await store.close();
    await rm(path, { recursive: true });
    await cp(join(folder, "killed"), path, { recursive: true });
  };
  await part(150);
  await part(40);
  return written;
}

/** Repairs, and checks what must hold whatever was broken. The number of events kept. */
async function expectMended(stamp: string, dropped?: number): Promise<number> {
  const before = await contents(path);
  const report = await repair(stamp);
  expect(await contents(report.copy)).toEqual(before);
  if (dropped !== undefined) expect(report.dropped).toBe(dropped);
  const store = await open();
  expect((await store.check()).problems).toEqual([]);
  let kept = 0;
  for (const [i, roomId] of rooms.entries()) {
    const wanted = new Map(events[i]?.map((event) => [toHex(event.id), event]));
    const stored = await (await store.room(roomId)).read({ limit: 10_000 });
    for (const { proof, ...event } of stored) {
      expect(proof).toBe("verified");
      expect(event).toEqual(wanted.get(toHex(event.id)));
    }
    kept += stored.length;
  }
  expect(report.events).toBe(kept);
  await store.close();
  return kept;
}

async function contents(at: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of (await readdir(at)).sort())
    files.set(name, toHex(await readFile(join(at, name))));
  return files;
}

async function damage(name: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  for (const each of (await readdir(path)).filter((file) => file.includes(name)))
    await writeFile(join(path, each), change(await readFile(join(path, each))));
}

const ALL = 760;

it("STORE-9 mending a store with nothing broken keeps everything: events, names, certificates, floor and count of arrivals", async () => {
  expect(await expectMended("a", 0)).toBe(ALL);
  const store = await open();
  expect(await store.getMeta("name")).toEqual(utf8("ana"));
  const { root, device } = new Writer(rooms[0] as Uint8Array, 1);
  expect(await store.certificate(root, device)).toBeDefined();
  const log = await store.room(rooms[0] as Uint8Array);
  expect([log.floor(), log.arrived()]).toEqual([7, 380]);
  await store.close();
});

it("STORE-9 a table whose index and footer are lost keeps all of its blocks, and a lost MANIFEST and CURRENT cost nothing", async () => {
  await damage(".ldb", (bytes) => bytes.fill(0, bytes.length - 60));
  await damage("MANIFEST", () => new Uint8Array(0));
  await rm(join(path, "CURRENT"));
  expect(await expectMended("a", 0)).toBe(ALL);
});

it("STORE-10 one flipped bit costs at most the records that share a key with it", async () => {
  const random = new SeededRandom(5);
  await damage(".ldb", (bytes) => flipped(bytes, random, 1));
  await damage(".log", (bytes) => flipped(bytes, random, 1));
  expect(await expectMended("a")).toBeGreaterThan(ALL - 120);
});

it("STORE-10 the events of an author whose record is lost are found by hashing", async () => {
  const kv = await openLevel(path, false);
  const lost = await kv.keys({
    gte: Uint8Array.of(TABLE.author),
    lt: Uint8Array.of(TABLE.author + 1),
  });
  expect(lost.length).toBe(4);
  await kv.write(
    lost.map((key) => ({ key, value: utf8("x") })),
    true,
  );
  await kv.close();
  expect(await expectMended("a", 0)).toBe(ALL);
});

it("STORE-9 a repair that ended before its last step is finished at the next start", async () => {
  await repair("a");
  await cp(path, mendedPath(path), { recursive: true });
  await rm(path, { recursive: true });
  const store = await open();
  expect((await store.room(rooms[0] as Uint8Array)).count()).toBe(ALL / 2);
  await store.close();
});

it("STORE-9 a store that is open is not mended", async () => {
  const holder = spawn(process.execPath, [
    "-e",
    `const { Level } = require("level"); new Level(${JSON.stringify(path)}).open().then(() => console.log("open"));
     setInterval(() => undefined, 1000);`,
  ]);
  try {
    await once(holder.stdout, "data");
    await expect(repair("a")).rejects.toMatchObject({ code: "store-locked" });
  } finally {
    holder.kill();
    await once(holder, "exit");
  }
  expect(await expectMended("b")).toBe(ALL);
});

it(
  "STORE-10 whatever is flipped, cut, zeroed or removed: mending ends with a store that opens and holds only whole events",
  { timeout: sized(120_000, 1_200_000) },
  async () => {
    for (let round = 0; round < sized(12, 400); round++) {
      const random = new SeededRandom(runSeed + round);
      await rm(path, { recursive: true });
      await cp(pristine, path, { recursive: true });
      const done: string[] = [];
      for (let times = 1 + random.below(3); times > 0; times--) done.push(await spoil(random));
      const kept = await expectMended(`${round}`).catch((error: unknown) => {
        throw new Error(`seed ${runSeed + round}: ${done.join(", ")}`, { cause: error });
      });
      expect(kept).toBeLessThanOrEqual(ALL);
      await rm(`${path}.damaged-${round}`, { recursive: true });
    }
  },
);

/** Damages one file. What was done, in words. */
async function spoil(random: SeededRandom): Promise<string> {
  const names = (await readdir(path)).filter((name) => name !== "LOCK");
  const name = names[random.below(names.length)] ?? "";
  const file = join(path, name);
  const bytes = Uint8Array.from(await readFile(file));
  const at = random.below(bytes.length + 1);
  const way = ["flip", "cut", "zero", "noise", "remove", "insert"][random.below(6)] ?? "";
  if (way === "flip") await writeFile(file, flipped(bytes, random, 1 + random.below(16)));
  if (way === "cut") await writeFile(file, bytes.subarray(0, at));
  if (way === "zero") await writeFile(file, bytes.fill(0, at, at + random.below(5_000)));
  if (way === "noise") {
    bytes.set(random.bytes(Math.min(2_000, bytes.length - at)), at);
    await writeFile(file, bytes);
  }
  if (way === "insert")
    await writeFile(file, concat(bytes.subarray(0, at), random.bytes(3), bytes.subarray(at)));
  if (way === "remove") await rm(file);
  return `${way} ${name} at ${at}`;
}

function flipped(bytes: Uint8Array, random: SeededRandom, times: number): Uint8Array {
  for (let i = 0; i < times && bytes.length > 0; i++) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  }
  return bytes;
}
