import type { Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { completedCommands } from "../completion/model.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { Context } from "../context.ts";
import { DONE } from "../exit-status.ts";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export async function completion(
  { out }: Context,
  shell: keyof typeof SCRIPTS,
  program: Command,
): Promise<number> {
  const script = SCRIPTS[shell](completedCommands(program));
  await out.either("completion", { shell, script }, script.trimEnd());
  return DONE;
}
