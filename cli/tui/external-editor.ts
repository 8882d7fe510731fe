/** A long text in the person's own editor. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Waits until the editor has ended: it has the terminal alone meanwhile.
 * @returns the text as it was left, or undefined where the editor failed
 */
export function editExternally(text: string): string | undefined {
  const windows = process.platform === "win32";
  const editor = process.env["VISUAL"] || process.env["EDITOR"] || (windows ? "notepad" : "vi");
  const folder = mkdtempSync(join(tmpdir(), "parley-"));
  const file = join(folder, "message.txt");
  try {
    writeFileSync(file, text, { mode: 0o600 });
    // By a shell, since people set it with arguments: "code --wait".
    const { status } = windows
      ? spawnSync(`${editor} "${file}"`, { shell: true, stdio: "inherit" })
      : spawnSync("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
    return status === 0 ? readFileSync(file, "utf8").replace(/(\r?\n)+$/, "") : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
