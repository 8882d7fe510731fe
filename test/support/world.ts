/**
 * People with real processes of the built program, who can meet nobody but each other: a network name, a
 * runtime folder and homes of their own, loopback only. Whatever waits has a deadline and tells all logs.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repoRoot } from "./repo.ts";

/** The launcher of the build that is tested. */
export const parleyPath = join(repoRoot, "dist/parley.js");
const DEADLINE_MS = 60_000;

/** A line of --json. */
export type Line = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface Ended {
  /** Exit status, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Standard input; nothing by default. `open`: written and ended by the test. */
  readonly input?: string | "open";
  readonly env?: NodeJS.ProcessEnv;
}

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "parley-e2e-"));
  readonly network = `test-${randomBytes(8).toString("hex")}`;
  readonly #processes: Process[] = [];

  /** Starts parley as `who`, each of whom has a home. */
  start(who: string, args: readonly string[], options: RunOptions = {}): Process {
    const started = new Process(this, who, args, options);
    this.#processes.push(started);
    return started;
  }

  /** Runs parley as `who` to its end. */
  async run(who: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return await this.start(who, args, options).ended();
  }

  /** Runs a command that must succeed, with --json; its lines. */
  async lines(who: string, args: readonly string[], options: RunOptions = {}): Promise<Line[]> {
    const { code, stdout } = await this.run(who, ["--json", ...args], options);
    if (code !== 0)
      throw new Error(this.told(`parley ${args.join(" ")} of ${who} ended with ${code}`));
    return parseLines(stdout);
  }

  /** Makes an identity called `who`. */
  async person(who: string): Promise<Line> {
    const [identity] = await this.lines(who, ["init", "--name", who]);
    return identity as Line;
  }

  /** Starts a node and waits until it is ready. */
  async node(who: string, args: readonly string[] = []): Promise<Process> {
    const node = this.start(who, ["--json", "node", ...args]);
    await node.line((line) => line.type === "ready");
    return node;
  }

  home(who: string): string {
    return join(this.folder, who);
  }

  environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const run = join(this.folder, "run");
    mkdirSync(run, { recursive: true, mode: 0o700 });
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(PARLEY_|FORCE_COLOR$|NODE_OPTIONS$)/.test(name),
    );
    return { ...Object.fromEntries(inherited), PARLEY_RUNTIME_DIR: run, NO_COLOR: "1", ...extra };
  }

  /** What happened, with everything that every process said. */
  told(what: string): string {
    return [what, ...this.#processes.map((each) => each.log())].join("\n\n");
  }

  /** Ends what still runs and removes everything. */
  async end(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.kill("SIGKILL")));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs `work` in a world of its own. */
export async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = new World();
  try {
    await work(world);
  } finally {
    await world.end();
  }
}

export class Process {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = "";
  stderr = "";
  readonly #world: World;
  readonly #name: string;
  readonly #end: Promise<number | string>;
  #running = true;

  constructor(world: World, who: string, args: readonly string[], options: RunOptions) {
    this.#world = world;
    this.#name = `${who}$ parley ${args.join(" ")}`;
    const own = ["--home", world.home(who), "--network", world.network, "--local-only"];
    const argv = [parleyPath, ...own, ...args];
    this.child = spawn(process.execPath, argv, {
      env: world.environment(options.env),
      stdio: "pipe",
    });
    this.child.stdout.setEncoding("utf8").on("data", (chunk: string) => (this.stdout += chunk));
    this.child.stderr.setEncoding("utf8").on("data", (chunk: string) => (this.stderr += chunk));
    this.child.stdin.on("error", () => undefined);
    if (options.input !== "open") this.child.stdin.end(options.input ?? "");
    this.#end = once(this.child, "close").then(([code, signal]: (number | string)[]) => {
      this.#running = false;
      return (code ?? signal) as number | string;
    });
  }

  /** Complete JSON lines printed so far. */
  get lines(): Line[] {
    return parseLines(this.stdout.slice(0, this.stdout.lastIndexOf("\n") + 1));
  }

  /** The first JSON line for which `wanted` holds, waited for. */
  async line(wanted: (line: Line) => boolean): Promise<Line> {
    await this.until(() => this.lines.some(wanted), "a line that did not come");
    return this.lines.find(wanted) as Line;
  }

  /** Waits until `condition` holds. @param what is said where it does not in time */
  async until(condition: () => boolean, what: string): Promise<void> {
    const deadlineMs = Date.now() + DEADLINE_MS;
    while (!condition()) {
      if (!this.#running && !condition())
        throw new Error(this.#world.told(`${this.#name} ended without ${what}`));
      if (Date.now() > deadlineMs)
        throw new Error(this.#world.told(`${this.#name} waited for ${what}`));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Waits for its end. */
  async ended(): Promise<Ended> {
    const patience = AbortSignal.timeout(DEADLINE_MS);
    const late = once(patience, "abort").then(() => {
      throw new Error(this.#world.told(`${this.#name} did not end`));
    });
    const code = await Promise.race([this.#end, late]);
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<Ended> {
    if (this.#running) this.child.kill(signal);
    return await this.ended();
  }

  log(): string {
    return `--- ${this.#name}\n${this.stdout}${this.stderr === "" ? "" : `(stderr) ${this.stderr}`}`;
  }
}

function parseLines(text: string): Line[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}
