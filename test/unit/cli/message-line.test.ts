import { afterEach, expect, test, vi } from "vitest";
import type { Message } from "../../../src/app/api.ts";
import { messageLine } from "../../../cli/message-line.ts";

afterEach(() => vi.unstubAllEnvs());

const at = new Date(2026, 10, 24, 18, 30);
const message: Message = {
  id: "ab".repeat(32),
  room: "#lobby",
  roomId: "cd".repeat(32),
  author: "01".repeat(32),
  device: "02".repeat(32),
  name: "ana",
  fingerprint: "4F2K-9QXT",
  time: at.toISOString(),
  moment: 1,
  kind: "text",
  text: "hello",
  mine: false,
};

function line(change: Partial<Message>, withRoom = false): string {
  vi.stubEnv("NO_COLOR", "1");
  return messageLine({ ...message, ...change }, at.getTime(), withRoom);
}

test("a text", () => {
  expect(line({})).toBe("18:30 ana: hello");
});

test("an action", () => {
  expect(line({ kind: "action", text: "waves" })).toBe("18:30 * ana waves");
});

test("a text of several lines stays one entry", () => {
  expect(line({ text: "one\ntwo" })).toBe("18:30 ana: one\n      two");
});

test("with the room where it matters", () => {
  expect(line({}, true)).toBe("#lobby 18:30 ana: hello");
});

test("a look-alike is told apart by the fingerprint", () => {
  expect(line({ confusable: true })).toBe("18:30 ana · 4F2K-9QXT: hello");
});

test("what one should know stands behind", () => {
  expect(line({ equivocated: true, clock: "ahead" })).toBe(
    "18:30 ana: hello (two histories, clock ahead)",
  );
});
