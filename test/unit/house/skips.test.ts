import { expect, test } from "vitest";
import { isListedSkip, skipReasons } from "../../support/skips.ts";

test("only a skip with a listed reason is allowed", () => {
  for (const reason of Object.values(skipReasons)) expect(isListedSkip(reason)).toBe(true);
  expect(isListedSkip(undefined)).toBe(false);
  expect(isListedSkip("felt like it")).toBe(false);
});
