import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Context } from "../../../../cli/context.ts";
import { wholeFile } from "../../../../cli/files/target.ts";
import type { Cleanup } from "../../../../cli/lifetime.ts";

let folder: string;
let path: string;
let cleanups: Cleanup[];
const context = { lifetime: { atExit: (cleanup: Cleanup) => void cleanups.push(cleanup) } };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "parley-target-"));
  path = join(folder, "lobby.jsonl");
  cleanups = [];
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

function target() {
  return wholeFile(context as unknown as Context, path);
}

test("a file has its name once it is whole, and is for this user alone", async () => {
  writeFileSync(path, "before");
  const file = await target();
  for (let i = 0; i < 1_000; i++) await file.write("x".repeat(1_000));
  expect(readFileSync(path, "utf8")).toBe("before");
  await file.finish();
  expect(readFileSync(path, "utf8").length).toBe(1_000_000);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const cleanup of cleanups) await cleanup();
  expect(readdirSync(folder)).toEqual(["lobby.jsonl"]);
});

test("what is ended before it is whole leaves no half file, and the old one as it was", async () => {
  writeFileSync(path, "before");
  const file = await target();
  await file.write("half");
  expect(readdirSync(folder).length).toBe(2);
  for (const cleanup of cleanups) await cleanup();
  expect(readdirSync(folder)).toEqual(["lobby.jsonl"]);
  expect(readFileSync(path, "utf8")).toBe("before");
});

test("a file that cannot be made is a sentence", async () => {
  path = join(folder, "missing", "lobby.jsonl");
  await expect(target()).rejects.toMatchObject({
    code: "file-failed",
    message: `${path} cannot be written: there is no such file or folder.`,
  });
});
