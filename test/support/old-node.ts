import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A Node older than parley needs, where PATH leads to one. */
export function oldNode(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "node")).find((path) => majorOf(path) < 22);
}

function majorOf(path: string): number {
  if (!existsSync(path)) return Number.POSITIVE_INFINITY;
  return Number.parseInt(
    execFileSync(path, ["-p", "process.versions.node"], { encoding: "utf8" }),
    10,
  );
}
