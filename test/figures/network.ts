/**
 * `npm run bench -- --network`: how long people wait for a network, and what a relay costs. Never a test: figures move with the
 * machine. Real processes; where there is a router or a cable, in network namespaces, so it wants root on Linux.
 *
 *   npm run bench -- --network                 everything, three rounds
 *   npm run bench -- --network --only join     some of join, relay, restart, heal, places
 *   npm run bench -- --network --rounds 5      medians of so many
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join as path } from "node:path";
import { parseArgs } from "node:util";
import { Lab } from "../support/lab.ts";
import { line, until, World } from "../support/parley.ts";
import { repoRoot } from "../support/repo.ts";
import { inRounds, measureParts } from "./rounds.ts";

const PLACES = 500;
const CROWDS = 4;
const AWAY_MS = 20_000;
/** A node signs nothing in its first seconds alone: another copy of it might be about. */
const RUNNING_MS = 5_000;
const maple = ["--network", "maple"];

const { values: flags } = parseArgs({
  options: {
    network: { type: "boolean" },
    only: { type: "string", default: "join,relay,restart,heal,places" },
    rounds: { type: "string", default: "3" },
  },
});

await measureParts(flags.only, { join, relay, restart, heal, places });

/** A fresh ticket, and the first message of whoever uses it is shown: both commands of a person, on one machine. */
async function join(): Promise<void> {
  await rounds("ticket to first message, one machine", 2_000, async () => {
    const world = await World.make();
    return within(world, async () => {
      await world.ok("ana", "init", "--name", "ana");
      await world.ok("ana", "net", "create", "maple");
      await world.node("ana", ...maple);
      await new Promise((resolve) => setTimeout(resolve, RUNNING_MS));
      return firstMessageMs(world);
    });
  });
}

/** The same where each is behind a router, and the ticket leads through a relay. */
async function relay(): Promise<void> {
  await rounds("ticket to first message, through a relay", 4_000, async () => {
    const lab = await Lab.make();
    return within(lab, async () => {
      lab.host("relay", 2);
      lab.twoHomes();
      await lab.ok("relay", "init", "--name", "relay");
      await lab.ok("relay", "net", "create", "maple");
      await lab.node("relay", ...maple, "--relay", "--listen", "/ip4/0.0.0.0/tcp/4001");
      const [made] = await lab.ok("relay", ...maple, "net", "ticket");
      await lab.ok("ana", "init", "--name", "ana");
      await lab.run("ana", ["net", "join", "-", "--yes"], String(made?.["ticket"]));
      await lab.node("ana", ...maple);
      await until("ana keeps a place", async () =>
        (await lab.ok("ana", ...maple, "address")).some(({ reach }) => reach === "internet"),
      );
      return firstMessageMs(lab);
    });
  });
}

/** ana has a node; bob has nothing but her ticket. */
async function firstMessageMs(world: World): Promise<number> {
  const listening = world.start("ana", [...maple, "tail", "lobby", "-f"]);
  const [made] = await world.ok("ana", ...maple, "net", "ticket");
  await world.ok("bob", "init", "--name", "bob");
  const beganMs = performance.now();
  await world.run("bob", ["net", "join", "-", "--yes"], String(made?.["ticket"]));
  await world.ok("bob", ...maple, "send", "lobby", "hello");
  await line(listening, (said) => said["text"] === "hello");
  return performance.now() - beganMs;
}

/** A relay is killed and started again: from its being ready until two behind routers have each other again. */
async function restart(): Promise<void> {
  await rounds("a relay is back, and so are those who met there", 10_000, async () => {
    const lab = await Lab.make();
    return within(lab, async () => {
      lab.host("relay", 2);
      lab.twoHomes({ symmetric: true });
      for (const who of ["relay", "ana", "bob"]) await lab.person(who);
      const args = ["--relay", "--listen", "/ip4/0.0.0.0/tcp/4001"];
      const first = await lab.node("relay", ...args);
      const [address = ""] = first.ready["addresses"] as string[];
      await lab.node("ana", "--bootstrap", address);
      const bob = await lab.node("bob", "--bootstrap", address);
      const met = async (): Promise<boolean> =>
        (await lab.ok("ana", "peers")).some(({ peerId }) => peerId === bob.ready["peerId"]);
      await until("they meet", met);
      first.child.kill("SIGKILL");
      await first.ended;
      await until("ana has noticed", async () => !(await met()));
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      await lab.node("relay", ...args);
      const beganMs = performance.now();
      await until("they meet again", met);
      return performance.now() - beganMs;
    });
  });
}

/** A cable is pulled for a while: from the network's return until what was written meanwhile is there. */
async function heal(): Promise<void> {
  await rounds("the network is back, and nothing is missing", 15_000, async () => {
    const lab = await Lab.make();
    return within(lab, async () => {
      lab.lan("lan");
      for (const [at, name] of ["ana", "bob"].entries()) {
        lab.behind(name, "lan", `192.168.7.${at + 2}`);
        await lab.person(name);
      }
      for (const name of ["ana", "bob"]) await lab.node(name);
      const peers = async (): Promise<number> => (await lab.ok("ana", "peers")).length;
      await until("they meet", async () => (await peers()) === 1);
      lab.cable("ana", "down");
      await until("ana has noticed", async () => (await peers()) === 0);
      await lab.ok("bob", "send", "lobby", "meanwhile");
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      lab.cable("ana", "up");
      const beganMs = performance.now();
      await until("it is there", async () => (await lab.texts("ana")).includes("meanwhile"));
      return performance.now() - beganMs;
    });
  });
}

/** A relay as deploy/ starts it, and 500 people who keep a place there. */
async function places(): Promise<void> {
  const world = await World.make();
  await within(world, async () => {
    await world.person("relay");
    const environment = { NODE_OPTIONS: "--max-semi-space-size=8" };
    const args = ["node", "--relay", "--listen", "/ip4/127.0.0.1/tcp/0"];
    const relayNode = world.start("relay", args, undefined, true, environment);
    const ready = await line(relayNode, ({ type }) => type === "ready");
    const [address = ""] = ready["addresses"] as string[];
    const emptyBytes = residentBytes(Number(ready["pid"]));
    const script = path(repoRoot, "test/figures/places.ts");
    const crowds = Array.from({ length: CROWDS }, () =>
      spawn(process.execPath, [script, address, world.network, String(PLACES / CROWDS)], {
        stdio: "ignore",
      }),
    );
    try {
      let kept = 0;
      while (kept < PLACES) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const [status] = await world.ok("relay", "status");
        const reach = status?.["reach"] as { serves: { places: number } } | undefined;
        kept = reach?.serves.places ?? 0;
        if (crowds.some(({ exitCode }) => exitCode !== null)) throw new Error("a crowd has ended");
      }
      const bytes = residentBytes(Number(ready["pid"]));
      const wanted = bytes <= 400e6 ? "reached" : "NOT reached";
      console.log(
        `a relay with ${kept} places kept: ${megabytes(bytes)} MB resident (empty ${megabytes(emptyBytes)}); wanted 400, ${wanted}`,
      );
    } finally {
      for (const crowd of crowds) crowd.kill();
    }
  });
}

function residentBytes(pid: number): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

async function within<T>(world: World, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await world.end();
  }
}

/** Runs one figure so many times, and prints its median and its range. */
function rounds(name: string, wantedMs: number, measure: () => Promise<number>): Promise<void> {
  const words = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return inRounds({ name, wantedMs, rounds: Number(flags.rounds), words }, measure);
}
