/**
 * `npm run bench`: the work of a chat on this machine, beside what the machine can do at all, in one run. Prints a table and
 * writes bench/results/latest.json. Never a test: figures move with the machine.
 */
import { fork, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { limits } from "./limits.ts";
import { folderBytes, median, now, quantile, text } from "./measure.ts";
import type { Operations } from "./worker.ts";

const MESSAGES = Number(process.env["PARLEY_BENCH_MESSAGES"] ?? 10_000);
const LIVE = Math.min(5_000, MESSAGES);
const root = join(import.meta.dirname, "..");
const work = await mkdtemp(join(tmpdir(), "parley-bench-"));
const rows: { work: string; figure: string; value: number; unit: string }[] = [];
let runs = 0;

/** One node in its own process. */
class Node {
  readonly #child = fork(join(import.meta.dirname, "worker.ts"), { serialization: "advanced" });
  #last = 0;
  readonly #waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();

  constructor() {
    this.#child.on(
      "message",
      ({ id, value, error }: { id: number; value: never; error?: string }) => {
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (error === undefined) waiting?.resolve(value);
        else waiting?.reject(new Error(error));
      },
    );
    this.#child.on("exit", (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`a node ended with ${code}`));
    });
  }

  call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<Awaited<ReturnType<Operations[Name]>>> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as never, reject });
      this.#child.send({ id, name, args });
    });
  }

  async stop(): Promise<void> {
    await this.call("close");
    this.#child.disconnect();
    await new Promise((resolve) => this.#child.once("exit", resolve));
  }
}

async function node(
  name: string,
  durability: "sync" | "process" = "process",
  room = "shared",
): Promise<Node> {
  const made = new Node();
  await made.call("open", { dir: join(work, name), room, role: name, durability });
  return made;
}

function row(name: string, figure: string, value: number, unit: string): void {
  rows.push({ work: name, figure, value, unit });
  process.stdout.write(
    `${name.padEnd(3)} ${figure.padEnd(58)} ${value.toFixed(value < 100 ? 2 : 0).padStart(9)} ${unit}\n`,
  );
}

async function workA(): Promise<void> {
  for (const durability of ["process", "sync"] as const) {
    const a = await node(`A-${durability}`, durability);
    const count = durability === "sync" ? MESSAGES / 5 : MESSAGES;
    row(
      "A",
      `append one by one, ${durability === "sync" ? "each synced" : "not synced"}`,
      (count / (await a.call("appendOneByOne", "A", 0, count))) * 1000,
      "msg/s",
    );
    await a.stop();
  }
  row("A", "disk per message, after close and reopen", await reopenedBytes("A-process"), "B");
  const a = await node("A64", "sync");
  row(
    "A",
    "64 senders at once, synced",
    (MESSAGES / (await a.call("appendAtOnce", "A", 0, MESSAGES, 64))) * 1000,
    "msg/s",
  );
  await a.stop();
}

async function reopenedBytes(name: string): Promise<number> {
  const again = await node(name);
  await again.stop();
  return (await folderBytes(join(work, name, "store"))) / MESSAGES;
}

async function workB(): Promise<void> {
  const a = await node("A-process");
  const b = await node("B");
  const address = await a.call("listen");
  await b.call("listen");
  const before = await b.call("wireBytes");
  const startMs = now();
  await b.call("connect", address);
  await b.call("untilCount", MESSAGES);
  row("B", "first catch-up, dial included", now() - startMs, "ms");
  row("B", "on the wire, per message", ((await b.call("wireBytes")) - before) / MESSAGES, "B");
  await Promise.all([a.stop(), b.stop()]);
}

async function live(): Promise<[Node, Node]> {
  runs++;
  const [a, b] = await Promise.all([
    node(`live-a-${runs}`, "sync", `live-${runs}`),
    node(`live-b-${runs}`, "sync", `live-${runs}`),
  ]);
  const address = await a.call("listen");
  await b.call("listen");
  await b.call("connect", address);
  await a.call("untilHere");
  await b.call("untilHere");
  return [a, b];
}

async function workC(): Promise<void> {
  const [a, b] = await live();
  await a.call("sendPaced", "W", 20, 20);
  const sent = await a.call("sendPaced", "A", 200, 20);
  await b.call("untilHeard", 220);
  const heard = new Map(await b.call("heard"));
  const delays = sent.map(([said, atMs]) => (heard.get(said) ?? Infinity) - atMs);
  row("C", "live, send → shown at the other, p50", quantile(delays, 0.5), "ms");
  row("C", "live, send → shown at the other, p99", quantile(delays, 0.99), "ms");
  await Promise.all([a.stop(), b.stop()]);
}

async function workD(): Promise<void> {
  for (const senders of [1, 64]) {
    const [a, b] = await live();
    const startMs = now();
    await (senders === 1
      ? a.call("appendOneByOne", "A", 0, LIVE)
      : a.call("appendAtOnce", "A", 0, LIVE, senders));
    await b.call("untilHeard", LIVE);
    row(
      "D",
      `live burst of ${LIVE}, ${senders === 1 ? "each send awaited" : "64 senders"}, none lost`,
      (LIVE / (now() - startMs)) * 1000,
      "msg/s",
    );
    await Promise.all([a.stop(), b.stop()]);
  }
}

async function workE(): Promise<void> {
  const opens: number[] = [];
  let rssMb = 0;
  for (let i = 0; i < 3; i++) {
    const a = new Node();
    opens.push(
      await a.call("openAndRead", { dir: join(work, "A-process"), room: "shared", role: "A" }, 50),
    );
    rssMb = (await a.call("rssBytes")) / 1e6;
    await a.stop();
  }
  row("E", `reopen → last 50 of ${MESSAGES}`, median(opens), "ms");
  row("E", "resident memory, store open", rssMb, "MB");
}

async function workF(): Promise<void> {
  for (const [name, who] of [
    ["A-process", "P"],
    ["B", "Q"],
  ] as const) {
    const apart = await node(name);
    await apart.call("appendOneByOne", who, 0, 100);
    await apart.stop();
  }
  const [a, b] = [await node("A-process"), await node("B")];
  const address = await a.call("listen");
  await b.call("listen");
  const before = await b.call("wireBytes");
  const startMs = now();
  await b.call("connect", address);
  await Promise.all([a.call("untilCount", MESSAGES + 200), b.call("untilCount", MESSAGES + 200)]);
  row("F", `100 + 100 apart over ${MESSAGES}, dial to equal`, now() - startMs, "ms");
  row("F", "on the wire", ((await b.call("wireBytes")) - before) / 1000, "kB");
  await Promise.all([a.stop(), b.stop()]);
}

/** Start-up of the built program: medians of five. */
async function workStart(): Promise<void> {
  const home = join(work, "home");
  const environment = {
    ...process.env,
    PARLEY_RUNTIME_DIR: join(work, "run"),
    PARLEY_LOCAL_ONLY: "1",
    PARLEY_NETWORK: `bench-${process.pid}`,
  };
  const start = (...args: string[]) =>
    spawn(
      process.execPath,
      [join(root, "dist/parley.js"), "--home", home, "--json", "--no-input", ...args],
      { env: environment, stdio: ["ignore", "pipe", "ignore"] },
    );
  const timed = async (...args: string[]): Promise<number> => {
    const startMs = now();
    const child = start(...args);
    child.stdout.resume();
    await new Promise((resolve) => child.once("close", resolve));
    return now() - startMs;
  };
  const five = async (work: () => Promise<number>): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) times.push(await work());
    return median(times);
  };
  await timed("init", "--name", "bench");
  await timed("join", "lobby");
  row("S", "parley --help", await five(() => timed("--help")), "ms");
  const ready: number[] = [];
  let running = start("node");
  for (let i = 0; i < 3; i++) {
    running.kill("SIGTERM");
    await new Promise((resolve) => running.once("close", resolve));
    const startMs = now();
    running = start("node");
    await new Promise((resolve) => running.stdout.once("data", resolve));
    ready.push(now() - startMs);
  }
  row("S", "node ready", median(ready), "ms");
  row("S", "send through a node", await five(() => timed("send", "lobby", "hello")), "ms");
  row("S", "idle memory of a node", await residentMb(running.pid ?? 0), "MB");
  running.kill("SIGTERM");
  await new Promise((resolve) => running.once("close", resolve));
}

async function residentMb(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

try {
  const raw = await limits(join(work, "limits"));
  for (const [figure, value] of Object.entries(raw)) row("–", figure, value, "/s");
  for (const each of [workA, workB, workC, workD, workE, workF, workStart]) await each();
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    node: process.version,
    messages: MESSAGES,
    textBytes: text("A", 0).length,
  };
  await mkdir(join(root, "bench/results"), { recursive: true });
  await writeFile(
    join(root, "bench/results/latest.json"),
    `${JSON.stringify({ machine, rows }, null, 2)}\n`,
  );
} finally {
  await rm(work, { recursive: true, force: true });
}
