/** A libp2p node in Go, which nobody here wrote. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { compiled } from "../support/compile.ts";
import { foreignNodeSuite } from "./foreign-node.suite.ts";

const BUILD_MAX_MS = 170_000;
const program = join(mkdtempSync(join(tmpdir(), "parley-go-")), "node");
let built: string | undefined;

beforeAll(async () => {
  built = await compiled({
    command: "go",
    args: ["build", "-mod=readonly", "-o", program, "."],
    folder: resolve(import.meta.dirname, "../interop/go"),
    program,
    maxMs: BUILD_MAX_MS,
  });
}, BUILD_MAX_MS + 10_000);
afterAll(() => rmSync(dirname(program), { recursive: true, force: true }));

foreignNodeSuite("go", () => built);
