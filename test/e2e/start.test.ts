/** `npm start`, as it is typed in a clone that is ready. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { oldNode } from "../support/old-node.ts";
import { readRepo, repoRoot, runTool } from "../support/repo.ts";
import { needs } from "../support/skips.ts";

const { version } = JSON.parse(readRepo("package.json")) as { version: string };
const script = join(repoRoot, "scripts/start.mjs");

describe("npm start", () => {
  test("passes arguments on, and says nothing of its own when all is ready", async () => {
    const answer = await runTool(repoRoot, ["npm", "start", "--silent", "--", "--version"]);
    expect(answer.output.replace(/^npm warn.*\n/gm, "")).toBe(`${version}\n`);
    expect(answer.code).toBe(0);
  });

  test("ends with parley's exit status", async () => {
    const { code } = await runTool(repoRoot, ["npm", "start", "--silent", "--", "--no-such-flag"]);
    expect(code).toBe(2);
  });

  test("runs parley on the Node it brings where the machine's is too old", async (context) => {
    const old = oldNode();
    needs(context, old !== undefined, "oldNode");
    const right = await runTool(repoRoot, [old as string, script, "--version"]);
    expect(right).toEqual({ code: 0, output: `${version}\n` });
    const wrong = await runTool(repoRoot, [old as string, script, "--no-such-flag"]);
    expect(wrong.code).toBe(2);
  });
});
