/** The built program as a person starts it, for the benchmark. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type IPty, spawn as spawnTerminal } from "@lydell/node-pty";
import { now } from "./measure.ts";

const launcher = join(import.meta.dirname, "../dist/parley.js");

export class Program {
  readonly #folder: string;
  readonly #network: string;

  /** @param network a name that nobody else uses. */
  constructor(folder: string, network: string) {
    this.#folder = folder;
    this.#network = network;
  }

  get home(): string {
    return join(this.#folder, "home");
  }

  get #environment(): NodeJS.ProcessEnv {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^PARLEY_|^CI$|^NO_COLOR$/.test(name)),
    );
    const runtime = join(this.#folder, "run");
    return { ...inherited, PARLEY_RUNTIME_DIR: runtime, PARLEY_LOCAL_ONLY: "1" };
  }

  get #flags(): string[] {
    return [launcher, "--home", this.home, "--network", this.#network];
  }

  start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [...this.#flags, "--json", "--no-input", ...args], {
      env: this.#environment,
      stdio: ["ignore", "pipe", "ignore"],
    });
  }

  /** ms from exec to the end of a command. */
  async run(...args: string[]): Promise<number> {
    const startMs = now();
    const child = this.start(...args);
    child.stdout?.resume();
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`parley ${args.join(" ")} ended with ${code}`);
    return now() - startMs;
  }

  /** A node, and the ms from exec to its first line. */
  async node(): Promise<{ child: ChildProcess; readyMs: number }> {
    const startMs = now();
    const child = this.start("node");
    if (child.stdout) await once(child.stdout, "data");
    return { child, readyMs: now() - startMs };
  }

  client(columns: number, rows: number): IPty {
    return spawnTerminal(process.execPath, this.#flags, {
      cols: columns,
      rows,
      env: { ...this.#environment, TERM: "xterm-256color" } as Record<string, string>,
    });
  }
}

export async function ended(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  if (child.exitCode === null) await once(child, "close");
}

/** Resident memory in MB. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
}

/** CPU time used so far, in ms. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const TICKS_PER_SECOND = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}
