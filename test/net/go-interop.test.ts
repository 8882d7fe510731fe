/** A libp2p node in Go, which nobody here wrote. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { foreignNodeSuite } from "./foreign-node.suite.ts";

const folder = resolve(import.meta.dirname, "../interop/go");
const program = join(mkdtempSync(join(tmpdir(), "parley-go-")), "node");
let built = false;

beforeAll(() => {
  const args = ["build", "-mod=readonly", "-o", program, "."];
  built = spawnSync("go", args, { cwd: folder, timeout: 170_000 }).status === 0;
}, 180_000);
afterAll(() => rmSync(dirname(program), { recursive: true, force: true }));

foreignNodeSuite("go", () => (built ? program : undefined));
