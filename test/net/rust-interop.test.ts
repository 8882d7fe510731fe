/**
 * A libp2p node in Rust, which nobody here wrote. Its crates take minutes to compile: `npm run test:long` does so and keeps
 * them, and from then on it is part of every run.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { beforeAll } from "vitest";
import { isLong } from "../support/size.ts";
import { foreignNodeSuite } from "./foreign-node.suite.ts";

const BUILD_MAX_MS = 1_200_000;
const folder = resolve(import.meta.dirname, "../interop/rust");
const target = join(tmpdir(), "parley-interop-rust");
const program = join(target, "debug/node");
let built = false;

beforeAll(() => {
  if (!isLong && !existsSync(program)) return;
  // Where rustup puts it, whether or not the shell of the test knows.
  const path = [process.env["PATH"], join(homedir(), ".cargo/bin")].join(delimiter);
  const build = spawnSync("cargo", ["build", "--locked", "--quiet", "--target-dir", target], {
    cwd: folder,
    timeout: BUILD_MAX_MS,
    env: { ...process.env, PATH: path },
  });
  built = build.status === 0 && existsSync(program);
}, BUILD_MAX_MS);

foreignNodeSuite("rust", () => (built ? program : undefined));
