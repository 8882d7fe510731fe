/**
 * A libp2p node in Rust, which nobody here wrote. Its crates take a minute or three to compile: with `CI` set and in
 * `npm run test:long` that is done, and what came of it is kept; from then on it is part of every run (ADR 226).
 */
import { existsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { beforeAll } from "vitest";
import { compiled } from "../support/compile.ts";
import { isLong } from "../support/size.ts";
import { foreignNodeSuite } from "./foreign-node.suite.ts";

const BUILD_MAX_MS = isLong ? 1_200_000 : 360_000;
const target = join(tmpdir(), "parley-interop-rust");
const program = join(target, "debug/node");
let built: string | undefined;

beforeAll(async () => {
  if (!isLong && !process.env["CI"] && !existsSync(program)) return;
  built = await compiled({
    command: "cargo",
    args: ["build", "--locked", "--quiet", "--target-dir", target],
    folder: resolve(import.meta.dirname, "../interop/rust"),
    // Where rustup puts cargo, whether or not the shell of the test knows.
    path: [process.env["PATH"], join(homedir(), ".cargo/bin")].join(delimiter),
    program,
    maxMs: BUILD_MAX_MS,
  });
}, BUILD_MAX_MS + 10_000);

foreignNodeSuite("rust", () => built);
