import { expect, test } from "vitest";
import { isNews } from "../../../cli/line-mode.ts";

test.each([
  ["last week", "2026-11-17T18:00:00.000Z", false],
  ["just before, or by a slow clock just now", "2026-11-24T17:59:30.000Z", true],
  ["now", "2026-11-24T18:00:00.001Z", true],
  ["by a fast clock", "2026-11-24T18:04:00.000Z", true],
])("line mode prints what is said from now on: %s", (_, time, news) => {
  expect(isNews({ time }, Date.parse("2026-11-24T18:00:00.000Z"))).toBe(news);
});
