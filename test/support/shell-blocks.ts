/** A fenced block of shell commands in a document. */
export interface ShellBlock {
  /** `run`: as it stands, by a test · `elsewhere`: needs what a test lacks · undefined: not marked. */
  readonly mark: "run" | "elsewhere" | undefined;
  readonly line: number;
  readonly commands: string;
}

const fence = /^```(\w*)[ \t]*(.*)\n([\s\S]*?)^```$/gm;
const shells = ["sh", "bash", "shell", "console", "zsh"];

/** Every shell block of a Markdown page, in order; blocks of other languages are left out. */
export function shellBlocks(markdown: string): ShellBlock[] {
  return [...markdown.matchAll(fence)]
    .filter(([, language = ""]) => shells.includes(language))
    .map((match) => {
      const [, , mark = "", commands = ""] = match;
      return {
        mark: mark === "run" || mark === "elsewhere" ? mark : undefined,
        line: markdown.slice(0, match.index).split("\n").length,
        commands,
      };
    });
}
