/** The command line: parses, makes the context, runs one command, and ends with its exit status. */
import { CommanderError } from "commander";
import type { ParleyError } from "../src/core/codec/errors.ts";
import { isParleyError } from "../src/core/codec/errors.ts";
import type { Context, GlobalFlags, NodeModule } from "./context.ts";
import { DONE, exitStatusOf, FAILED, INTERRUPTED } from "./exit-status.ts";
import { Lifetime } from "./lifetime.ts";
import { Output } from "./output.ts";
import { makeProgram } from "./program.ts";
import { Interrupted } from "./prompt.ts";
import { usageError } from "./usage-error.ts";

const args = process.argv.slice(2);
const lifetime = new Lifetime();
lifetime.watch();
const wording = { slash: false, shell: process.env["PARLEY_TYPED_AS"] ?? "parley" };
let work: ((context: Context) => Promise<number>) | undefined;
const program = makeProgram((chosen) => {
  work = chosen;
});
void main();

async function main(): Promise<void> {
  let out = new Output({ ...streams(), json: args.includes("--json"), quiet: false, wording });
  let status = DONE;
  try {
    program.parse(args, { from: "user" });
    const flags = globalFlags();
    if (!flags.color) withoutColor();
    out = new Output({ ...streams(), json: flags.json, quiet: flags.quiet, wording });
    const node = (): Promise<NodeModule> => import("../src/node/index.ts");
    if (work) status = await work({ flags, out, wording, lifetime, node });
  } catch (error) {
    if (lifetime.ending) return;
    status = statusOf(error, out);
  }
  await lifetime.end(status, out);
}

/** For every part that asks the platform whether colours are wanted. */
function withoutColor(): void {
  process.env["NO_COLOR"] = "1";
  delete process.env["FORCE_COLOR"];
}

function streams(): { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream } {
  return { stdout: process.stdout, stderr: process.stderr };
}

/** Says what went wrong, and how the process ends for it. */
function statusOf(error: unknown, out: Output): number {
  if (error instanceof Interrupted) return INTERRUPTED;
  if (error instanceof CommanderError) {
    // Help was asked for and printed.
    if (error.exitCode === 0) return DONE;
    const commands = program.commands.map((command) => command.name());
    return say(usageError(error, args, commands), out);
  }
  if (isParleyError(error)) return say(error, out);
  out.defect(error);
  return FAILED;
}

function say(error: ParleyError, out: Output): number {
  out.error(error);
  return exitStatusOf(error.code);
}

/** Flags of all commands may stand before or behind the command. */
function globalFlags(): GlobalFlags {
  const flags = program.opts<Record<string, string | boolean | undefined>>();
  const { home, profile, network, passphraseFile } = flags;
  return {
    ...(typeof home === "string" ? { home } : {}),
    ...(typeof profile === "string" ? { profile } : {}),
    ...(typeof network === "string" ? { network } : {}),
    ...(typeof passphraseFile === "string" ? { passphraseFile } : {}),
    ...(flags["localOnly"] === true ? { localOnly: true } : {}),
    json: flags["json"] === true,
    quiet: flags["quiet"] === true,
    color: flags["color"] !== false,
    input: flags["input"] !== false,
  };
}
