import { expect, it } from "vitest";
import type { Message } from "../../../src/app/api.ts";
import { asItCame } from "../../../cli/tui/timeline/late.ts";
import { layoutItem } from "../../../cli/tui/timeline/layout.ts";
import type { Item } from "../../../cli/tui/timeline/window.ts";

const timeMs = Date.UTC(2026, 5, 1);

function lineOf(message: Partial<Message>, nowMs: number): string {
  const whole = {
    id: "1",
    text: "hello",
    name: "bob",
    author: "b",
    time: new Date(timeMs).toISOString(),
    ...message,
  };
  const shown = asItCame(whole as Message, nowMs);
  const lines = layoutItem({ type: "message", key: "1", message: shown } as Item, 80, []);
  return lines
    .flat()
    .map(({ text }) => text)
    .join("");
}

it("of two who write at once neither came late; what stands before others and is seconds old did", () => {
  expect(lineOf({ late: true }, timeMs + 900)).not.toContain("came late");
  expect(lineOf({ late: true }, timeMs + 11_000)).toContain("(came late)");
  expect(lineOf({}, timeMs + 11_000)).not.toContain("came late");
});
