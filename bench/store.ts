/**
 * The store alone, in one process and without a network: `node bench/store.ts [messages]`. CPU time a message beside the
 * clock's, because the clock's is other people's too. Made to be profiled: `node --cpu-prof bench/store.ts`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { encodeText } from "../src/core/log/content.ts";
import { createEvent } from "../src/core/log/event.ts";
import { decodePage, encodePage } from "../src/core/log/page.ts";
import { authenticate } from "../src/core/log/runs.ts";
import { HIGHEST } from "../src/core/log/order.ts";
import { KIND_TEXT, type LogEvent } from "../src/core/log/types.ts";
import { nodeCrypto } from "../src/node/crypto.ts";
import { openStore } from "../src/storage/index.ts";
import { open } from "./contestant.ts";
import { folderBytes, now, text } from "./measure.ts";

const count = Number(process.argv[2] ?? 10_000);
const works = (process.argv[3] ?? "send,senders,pages,reads,rebuild").split(",");
const folder = await mkdtemp(join(tmpdir(), "parley-store-bench-"));
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const roomId = new Uint8Array(32).fill(7);
const PAGE_EVENTS = 960;
/** Then events are decoded as they are stored, and once: memory is not what is measured by chance. */
const MANY = count > 100_000;
const ROUNDS = MANY ? 1 : 4;

/** Runs a work some times and says the least of each measure: what is above it is other people's. */
async function timed(
  name: string,
  messages: number,
  work: (round: number) => Promise<unknown>,
  rounds = 1,
): Promise<void> {
  const least = { ms: Infinity, own: Infinity, all: Infinity };
  for (let round = 0; round < rounds; round++) {
    const [startMs, thread, all] = [now(), process.threadCpuUsage(), process.cpuUsage()];
    await work(round);
    least.ms = Math.min(least.ms, now() - startMs);
    const own = process.threadCpuUsage(thread);
    const whole = process.cpuUsage(all);
    least.own = Math.min(least.own, own.user + own.system);
    least.all = Math.min(least.all, whole.user + whole.system);
  }
  const per = Math.max(1, messages);
  const rate = messages === 0 ? "" : `${Math.round((messages / least.ms) * 1000)}/s`;
  process.stdout.write(
    `${name.padEnd(36)} ${least.ms.toFixed(1).padStart(9)} ms ${rate.padStart(9)}` +
      `  CPU µs each: main thread ${(least.own / per).toFixed(1)}, all ${(least.all / per).toFixed(1)}\n`,
  );
}

/** What no chat can go below: a signature, and a put that is awaited. */
async function floor(): Promise<void> {
  const signer = nodeCrypto.signer(new Uint8Array(32).fill(1));
  const message = new Uint8Array(45);
  const database = new Level(join(folder, "floor"));
  await database.open();
  await timed("floor: a signature, an awaited put", count, async () => {
    for (let i = 0; i < count; i++) {
      signer.sign(message);
      await database.batch().put(String(i), text("A", i)).write({ sync: false });
    }
  });
  await database.close();
}

async function sends(): Promise<void> {
  await floor();
  for (const [name, durability, senders] of [
    ["sent one by one", "process", 1],
    ["64 senders", "process", 64],
    ["sent one by one, synced", "sync", 1],
    ["64 senders, synced", "sync", 64],
  ] as const) {
    if (works.includes("unsynced") && durability === "sync") continue;
    const dir = join(folder, name);
    const node = await open({ dir, room: "store", role: "A", durability });
    await node.append("warm");
    const texts = Array.from({ length: count }, (_, i) => text("A", i));
    const send = async (): Promise<void> => {
      for (let each = texts.pop(); each !== undefined; each = texts.pop()) await node.append(each);
    };
    await timed(name, count, () => Promise.all(Array.from({ length: senders }, send)));
    await node.close();
    await (await open({ dir, room: "store", role: "A" })).close();
    const bytes = await folderBytes(join(dir, "store"));
    process.stdout.write(`${" ".repeat(44)} ${Math.round(bytes / count)} bytes each on disk\n`);
    await timed("  reopened, last 50 read", 0, async () => {
      const again = await open({ dir, room: "store", role: "A" });
      if ((await again.last(50)).length !== 50) throw new Error("not 50");
      await again.close();
    });
  }
}

/** Pages as they come from a peer, newest first. @param people who take turns, each naming the one before. */
function pagesOf(messages: number, people: number): Uint8Array[] {
  const signers = Array.from({ length: people }, (_, i) =>
    nodeCrypto.signer(new Uint8Array(32).fill(i + 1)),
  );
  const last = new Map<number, LogEvent>();
  let before: LogEvent | undefined;
  const events: LogEvent[] = [];
  for (let i = 0; i < messages; i++) {
    const turn = i % people;
    const signer = signers[turn] as (typeof signers)[number];
    const own = last.get(turn);
    const event = createEvent(nodeCrypto, {
      roomId,
      root: signer.publicKey,
      // Only the last of a run is checked.
      signer:
        i >= messages - people || i % PAGE_EVENTS >= PAGE_EVENTS - people
          ? signer
          : { publicKey: signer.publicKey, sign: () => new Uint8Array(64).fill(i) },
      kind: KIND_TEXT,
      seq: (own?.seq ?? 0) + 1,
      prev: own?.id ?? null,
      parents: before && before !== own ? [before.id] : [],
      auth: [],
      moment: 2.4e14 + i * 4096 * 40,
      content: encodeText(text("A", i)),
    });
    last.set(turn, event);
    before = event;
    events.push(event);
  }
  const pages: Uint8Array[] = [];
  for (let at = 0; at < messages; at += PAGE_EVENTS)
    pages.push(encodePage(events.slice(at, at + PAGE_EVENTS)));
  return pages.reverse();
}

const store = (name: string) =>
  openStore({ path: join(folder, name), logger, createIfMissing: true });

async function catchUps(): Promise<void> {
  for (const people of MANY ? [20] : [1, 20]) {
    const pages = pagesOf(count, people);
    const decoded = MANY ? [] : pages.map((page) => decodePage(nodeCrypto, roomId, page).events);
    await timed(
      `pages of ${people}: decoded, authenticated`,
      count,
      async () => {
        for (const page of pages)
          authenticate(nodeCrypto, decodePage(nodeCrypto, roomId, page).events);
      },
      ROUNDS,
    );
    const path = `pages-${people}`;
    const made = await Promise.all(
      Array.from({ length: ROUNDS }, (_, i) => store(i === 0 ? path : `${path}-${i}`)),
    );
    const logs = await Promise.all(made.map((each) => each.room(roomId)));
    await timed(
      `pages of ${people}: ${MANY ? "decoded and " : ""}stored`,
      count,
      async (round) => {
        for (const [i, page] of pages.entries()) {
          const events = decoded[i] ?? decodePage(nodeCrypto, roomId, page).events;
          await logs[round]?.append(
            events.map((event) => ({ event, proof: "unverified", counts: true })),
          );
        }
      },
      ROUNDS,
    );
    await timed("  closed", 0, async () => made[0]?.close());
    for (const each of made.slice(1)) await each.close();
    await (await store(path)).close();
    const bytes = await folderBytes(join(folder, path));
    process.stdout.write(`${" ".repeat(44)} ${Math.round(bytes / count)} bytes each on disk\n`);
  }
}

async function reads(): Promise<void> {
  let opened = await store("pages-20");
  await timed("opened, room opened", 0, () => opened.room(roomId));
  await opened.close();
  await timed("opened, last 50 read, cold", 0, async () => {
    opened = await store("pages-20");
    const log = await opened.room(roomId);
    if ((await log.read({ reverse: true, limit: 50 })).length !== 50) throw new Error("not 50");
  });
  const log = await opened.room(roomId);
  await timed("everything read", count, async () => {
    for (let upper = HIGHEST; ;) {
      const events = await log.read({ upper, reverse: true, limit: 256 });
      const oldest = events.at(-1);
      if (!oldest) break;
      upper = { moment: oldest.moment, prefix: oldest.id };
    }
  });
  const bounds = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => log.select(Math.floor((i * count) / 1_000))),
  );
  await timed("1,000 fingerprints", 1_000, async () => {
    for (const at of bounds)
      if (at) await log.sum({ lower: { moment: at.moment, prefix: at.id }, upper: HIGHEST });
  });
  await opened.close();
}

async function rebuilt(): Promise<void> {
  const opened = await store("pages-20");
  await opened.room(roomId);
  await timed("checked", count, async () => {
    const { problems } = await opened.check();
    if (problems.length > 0) throw new Error(problems[0]);
  });
  await timed("rebuilt", count, () => opened.rebuild());
  const { problems } = await opened.check();
  if (problems.length > 0) throw new Error(problems[0]);
  await opened.close();
}

try {
  if (works.includes("send")) await sends();
  if (works.includes("pages")) await catchUps();
  if (works.includes("reads")) await reads();
  if (works.includes("rebuild")) await rebuilt();
  process.stdout.write(`resident ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
