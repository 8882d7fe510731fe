/** The built program in real processes, driven as a script would: own homes, own network, loopback only. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { repoRoot as root } from "./repo.ts";

const DEADLINE_MS = 60_000;

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stdout as JSON. */
  readonly lines: Record<string, unknown>[];
}

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  readonly ended: Promise<number | null>;
  stderr(): string;
}

/** Standard input that the test writes and ends itself. */
export const KEEP_OPEN = Symbol("keep open");

/** The launcher of the build that is tested. */
export const launcher = join(root, "dist/parley.js");

/** People on this machine who can meet each other and nobody else. */
export class World {
  readonly folder: string;
  readonly network = `e2e-${randomBytes(6).toString("hex")}`;
  readonly #running = new Set<RunningProcess>();

  protected constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<World> {
    return new World(await World.makeFolder());
  }

  protected static makeFolder(): Promise<string> {
    return mkdtemp(join(tmpdir(), "parley-e2e-"));
  }

  /** What runs Node for somebody. */
  protected commandOf(_name: string): [string, ...string[]] {
    return [process.execPath];
  }

  /** Variables of their own for somebody. */
  protected environmentOf(_name: string): NodeJS.ProcessEnv {
    return {};
  }

  async end(): Promise<void> {
    for (const { child } of this.#running) child.kill("SIGKILL");
    await Promise.all([...this.#running].map(({ ended }) => ended));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  home(name: string): string {
    return join(this.folder, name);
  }

  get environment(): NodeJS.ProcessEnv {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^PARLEY_|^FORCE_COLOR$/.test(name)),
    );
    const own = {
      PARLEY_RUNTIME_DIR: join(this.folder, "run"),
      PARLEY_LOCAL_ONLY: "1",
      NO_COLOR: "1",
    };
    return { ...inherited, ...own };
  }

  /** Starts `parley … args` as somebody. JSON by default. */
  start(
    name: string,
    args: readonly string[],
    input?: string | typeof KEEP_OPEN,
    json = true,
    environment: NodeJS.ProcessEnv = {},
  ): RunningProcess {
    const flags = [
      "--home",
      this.home(name),
      "--network",
      this.network,
      "--no-input",
      ...(json ? ["--json"] : []),
    ];
    const [command, ...before] = this.commandOf(name);
    const child = spawn(command, [...before, launcher, ...flags, ...args], {
      env: { ...this.environment, ...this.environmentOf(name), ...environment },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    let stderr = "";
    const lines: Record<string, unknown>[] = [];
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    if (json && child.stdout)
      createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
    const ended = new Promise<number | null>((resolve) =>
      child.on("close", (code) => resolve(code)),
    );
    const running: RunningProcess = { child, lines, ended, stderr: () => stderr };
    this.#running.add(running);
    void ended.then(() => this.#running.delete(running));
    // What ends without reading its input is no failure of the test.
    child.stdin?.on("error", () => undefined);
    if (typeof input === "string") child.stdin?.end(input);
    return running;
  }

  /** Runs a command to its end. */
  async run(
    name: string,
    args: readonly string[],
    input?: string,
    json = true,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<Result> {
    const running = this.start(name, args, input, json, environment);
    let stdout = "";
    running.child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    const patience = setTimeout(() => running.child.kill("SIGKILL"), DEADLINE_MS);
    const code = await running.ended;
    clearTimeout(patience);
    return { code, stdout, stderr: running.stderr(), lines: running.lines };
  }

  /** A command that must succeed. */
  async ok(name: string, ...args: string[]): Promise<Record<string, unknown>[]> {
    const { code, lines, stderr } = await this.run(name, args);
    if (code !== 0)
      throw new Error(`${name}: parley ${args.join(" ")} ended with ${code}: ${stderr}`);
    return lines;
  }

  /** Somebody new, in the lobby. */
  async person(name: string): Promise<void> {
    await this.ok(name, "init", "--name", name);
    await this.ok(name, "join", "lobby");
  }

  /** A node that is ready. */
  async node(
    name: string,
    ...args: string[]
  ): Promise<RunningProcess & { ready: Record<string, unknown> }> {
    const running = this.start(name, ["node", ...args]);
    await until(
      `the node of ${name} is ready`,
      () => running.lines.length > 0 || running.child.exitCode !== null,
      running.stderr,
    );
    const [ready] = running.lines;
    if (ready?.["type"] !== "ready")
      throw new Error(`the node of ${name} ended: ${running.stderr()}`);
    return { ...running, ready };
  }

  async texts(name: string, limit = 1000): Promise<string[]> {
    return (await this.ok(name, "history", "lobby", "--limit", String(limit))).map((message) =>
      String(message["text"]),
    );
  }
}

/** Waits for a condition, never for a time. */
export async function until(
  what: string,
  look: () => unknown,
  log: () => string = () => "",
): Promise<void> {
  for (const startMs = Date.now(); !(await look());) {
    if (Date.now() - startMs > DEADLINE_MS)
      throw new Error(`not within ${DEADLINE_MS / 1000} s: ${what}\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The first line for which `wanted` holds, waited for. */
export async function line(
  running: RunningProcess,
  wanted: (line: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  await until("a line is printed", () => running.lines.some(wanted), running.stderr);
  return running.lines.find(wanted) as Record<string, unknown>;
}

export async function stopped(
  running: RunningProcess,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<number | null> {
  running.child.kill(signal);
  return running.ended;
}
