/** Compiles a program that nobody here wrote, with a toolchain that may not be here. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

export interface Compile {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** What there is afterwards. */
  readonly program: string;
  readonly maxMs: number;
  /** Where commands are looked for, if elsewhere than usual. */
  readonly path?: string;
}

/**
 * The path of the program, or undefined where it cannot be had; why is printed. It waits without blocking: the runner takes
 * a file that has not answered for a minute for lost.
 */
export async function compiled(build: Compile): Promise<string | undefined> {
  const { command, args, folder, program, maxMs, path = process.env["PATH"] } = build;
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const timer = setTimeout(() => {
    child.kill();
    child.stderr.destroy(); // what it started may hold it open
  }, maxMs);
  const code = await once(child, "close").then(
    ([status, signal]: unknown[]) => String(status ?? signal),
    (error: Error) => error.message,
  );
  clearTimeout(timer);
  if (code === "0" && existsSync(program)) return program;
  console.log(`${command} made no ${program} (${code}):\n${said.join("").slice(-2_000)}`);
  return undefined;
}
