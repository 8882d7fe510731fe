import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Context } from "../../../cli/context.ts";
import { withProgress } from "../../../cli/node-progress.ts";
import type { AppEvent } from "../../../src/app/api.ts";

const { isTTY } = process.stderr;
let written: string;
let listener: ((event: AppEvent) => void) | undefined;
const api = {
  subscribe(given: (event: AppEvent) => void) {
    listener = given;
    return () => (listener = undefined);
  },
};

beforeEach(() => {
  written = "";
  vi.stubEnv("TERM", "xterm");
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  process.stderr.isTTY = isTTY;
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A request during which the node tells of two things, for two seconds. */
async function shown(terminal: boolean, flags: object = {}): Promise<boolean> {
  process.stderr.isTTY = terminal;
  let listened = false;
  const result = await withProgress({ flags } as Context, api, async () => {
    listened = listener !== undefined;
    for (const [task, done] of [
      ["counting messages of #lobby", 1_000],
      ["history of #lobby", 5],
      ["counting messages of #lobby", 1_500_000],
    ] as const) {
      vi.setSystemTime(Date.now() + 1_000);
      listener?.({ type: "progress", task, done, total: 2_000_000 });
    }
    return "answer";
  });
  expect({ result, listener }).toEqual({ result: "answer", listener: undefined });
  return listened;
}

test("a terminal shows how far the node is, and the line is taken away at the end", async () => {
  expect(await shown(true)).toBe(true);
  expect(written).toBe(
    "\r\u001b[Kcounting messages of #lobby: 1,000 of 2,000,000" +
      "\r\u001b[Kcounting messages of #lobby: 1,500,000 of 2,000,000\r\u001b[K",
  );
});

test.each([
  ["a pipe", false, {}],
  ["--json", true, { json: true }],
  ["--quiet", true, { quiet: true }],
])("%s gets nothing, and the node need not tell", async (_, terminal, flags) => {
  expect(await shown(terminal, flags)).toBe(false);
  expect(written).toBe("");
});
