/**
 * `npm run bench -- --members`: rooms with an owner that many are in. Never a test: figures move with the machine. Real processes
 * over loopback.
 *
 *   npm run bench -- --members                   everything, three rounds
 *   npm run bench -- --members --only join       some of join, list, rekey
 *   npm run bench -- --members --rounds 5        medians of so many
 *   npm run bench -- --members --people 300      fewer than 1,000 (of a private room always half as many)
 */
import { existsSync, readFileSync } from "node:fs";
import { join as path } from "node:path";
import { parseArgs } from "node:util";
import { encodeEvent } from "../../src/core/log/event.ts";
import { KIND_EPOCH } from "../../src/core/room/control.ts";
import { fromHex } from "../../src/core/codec/bytes.ts";
import { openStore } from "../../src/storage/index.ts";
import { stopped, until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";
import { letIn } from "./member-crowd.ts";
import { inRounds, measureParts, median } from "./rounds.ts";
import { quiet } from "../support/quiet.ts";

/** What belongs to one key comes right behind it. */
const KEY_GAP_MS = 60;
const KEYS = 60;
const MS_PER_TICK = 10;
/** A node signs nothing in its first seconds alone: another copy of it might be about. */
const RUNNING_MS = 5_000;

const { values: flags } = parseArgs({
  options: {
    members: { type: "boolean" },
    only: { type: "string", default: "join,list,rekey" },
    rounds: { type: "string", default: "3" },
    people: { type: "string", default: "1000" },
  },
});
const people = Number(flags.people);

await measureParts(flags.only, { join, list, rekey });

type Node = Awaited<ReturnType<World["node"]>>;

function storeOf(world: World, name: string): string {
  return path(world.home(name), "profiles/default/store");
}

/** ana has a room that everybody has come into; her node runs. */
async function crowded<T>(
  count: number,
  flag: readonly string[],
  work: (world: World, ticket: string, ana: Node) => Promise<T>,
): Promise<T> {
  const world = await World.make();
  try {
    await world.ok("ana", "init", "--name", "ana");
    await world.ok("ana", "room", "create", "guild", ...flag);
    const [made] = await world.ok("ana", "room", "invite", "guild", "--uses", "0");
    const ticket = String(made?.["ticket"]);
    await letIn(storeOf(world, "ana"), ticket, count);
    const ana = await world.node("ana");
    await new Promise((resolve) => setTimeout(resolve, RUNNING_MS));
    return await work(world, ticket, ana);
  } finally {
    await world.end();
  }
}

/** Somebody types `join TICKET` and is a member, who may write and sees everybody. */
async function join(): Promise<void> {
  const membersMs: number[] = [];
  const busyMs: number[] = [];
  await rounds(`join TICKET → one of ${people} members`, 2_000, () =>
    crowded(people, ["--invite-only"], async (world, ticket, ana) => {
      const [address] = ana.ready["addresses"] as string[];
      await world.ok("bob", "init", "--name", "bob");
      const bob = await world.node("bob");
      await world.ok("bob", "connect", String(address));
      const beganMs = performance.now();
      const before = cpuMs(pidOf(bob));
      const [joined] = await world.ok("bob", "join", ticket);
      if (joined?.["rank"] !== "member") throw new Error(JSON.stringify(joined));
      const tookMs = performance.now() - beganMs;
      busyMs.push(cpuMs(pidOf(bob)) - before);
      await until("all have come", async () => {
        const askedMs = performance.now();
        const found = await world.ok("bob", "members", "guild");
        membersMs.push(performance.now() - askedMs);
        return found.filter(({ name }) => String(name).startsWith("member")).length === people;
      });
      return tookMs;
    }),
  );
  console.log(`of that the newcomer's node was busy for ${median(busyMs).toFixed(0)} ms`);
  console.log(
    `members ROOM of ${people}: ${median(membersMs).toFixed(0)} ms, the command itself included`,
  );
}

/** /names of all, paged through, beside the same keys in a timeline of as many texts. */
async function list(): Promise<void> {
  await crowded(people, ["--invite-only"], async (world) => {
    const screen = new TestTerminal(world, "ana", 120, 40);
    await screen.shows("#lobby ·");
    screen.type("/join guild\r");
    await screen.shows("hello, I am number");
    const timeline = await keys(screen);
    // To the end of the timeline: whoever has scrolled up is told of a new line, and not shown it.
    screen.type("\u001b[1;3F");
    await screen.shows(`number ${people - 1}`);
    screen.type("/names\r");
    await screen.shows(/member\d+ .*member\d+/);
    const names = await keys(screen);
    screen.signal("SIGTERM");
    await screen.exit;
    for (const [what, { p50, p95, bytes, busyMs }] of Object.entries({ timeline, names }))
      console.log(
        `a page up or down in the ${what === "names" ? `list of ${people} members` : "timeline"}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, ${bytes} bytes; the client was busy for ${busyMs.toFixed(1)} ms of each`,
      );
  });
}

async function keys(
  screen: TestTerminal,
): Promise<{ p50: number; p95: number; bytes: number; busyMs: number }> {
  const times: number[] = [];
  const sizes: number[] = [];
  const before = cpuMs(screen.pid);
  for (let i = 0; i < KEYS; i++) {
    const { length } = screen.raw;
    const beganMs = performance.now();
    screen.type(i % 6 < 4 ? "\u001b[5~" : "\u001b[6~");
    let lastMs = beganMs;
    for (let seen = length; performance.now() - lastMs < KEY_GAP_MS || seen === length;) {
      if (screen.raw.length > seen) [seen, lastMs] = [screen.raw.length, performance.now()];
      if (performance.now() - beganMs > 2_000) break;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    times.push(lastMs - beganMs);
    sizes.push(screen.raw.length - length);
  }
  times.sort((a, b) => a - b);
  const p95 = times[Math.floor(KEYS * 0.95)] ?? NaN;
  const busyMs = (cpuMs(screen.pid) - before) / KEYS;
  return { p50: median(times), p95, bytes: median(sizes), busyMs };
}

/** Somebody is kicked out of a private room: until new keys for all others are made and on the disk. */
async function rekey(): Promise<void> {
  const count = people / 2;
  const sizes: number[] = [];
  const busyMs: number[] = [];
  await rounds(`room kick in a private room of ${count} devices, with new keys for all`, 250, () =>
    crowded(count, ["--private"], async (world, _, ana) => {
      const [info] = await world.ok("ana", "room", "info", "guild");
      const [someone] = (await world.ok("ana", "members", "guild")).filter(({ me }) => me !== true);
      const helpMs = await timed(() => world.ok("ana", "status"));
      const before = cpuMs(pidOf(ana));
      const tookMs = await timed(() =>
        world.ok("ana", "room", "kick", "guild", String(someone?.["author"])),
      );
      busyMs.push(cpuMs(pidOf(ana)) - before);
      await until("it is made", async () => {
        const [after] = await world.ok("ana", "room", "info", "guild");
        return Number(after?.["controls"]) > Number(info?.["controls"]) + 1;
      });
      await stopped(ana);
      sizes.push(await newestEpochBytes(world, String(info?.["roomId"])));
      return tookMs - helpMs;
    }),
  );
  console.log(`of that the node was busy for ${median(busyMs).toFixed(0)} ms`);
  console.log(`the event that carries them: ${(median(sizes) / 1000).toFixed(1)} kB; wanted 60`);
}

async function newestEpochBytes(world: World, roomId: string): Promise<number> {
  const path = storeOf(world, "ana");
  const store = await openStore({
    path,
    logger: quiet,
    createIfMissing: false,
    durability: "process",
  });
  const controls = await (await store.room(fromHex(roomId))).control();
  await store.close();
  const newest = controls.findLast(({ kind }) => kind === KIND_EPOCH);
  return newest ? encodeEvent(newest).length : NaN;
}

function pidOf({ ready }: Node): number {
  return Number(ready["pid"]);
}

/** What a process has used of a core so far; NaN where the system does not say. */
function cpuMs(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return NaN;
  const stat = readFileSync(file, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

/** One figure, `--rounds` times. */
function rounds(name: string, wantedMs: number, measure: () => Promise<number>): Promise<void> {
  const words = (ms: number): string => `${ms.toFixed(0)} ms`;
  return inRounds({ name, wantedMs, rounds: Number(flags.rounds), words }, measure);
}
