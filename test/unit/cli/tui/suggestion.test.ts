import { expect, test } from "vitest";
import { COMMANDS } from "../../../../cli/tui/commands.ts";
import { suggestion } from "../../../../cli/tui/suggestion.ts";

const NAMES = COMMANDS.map(({ name }) => name);

test.each([
  ["serach", "search"],
  ["inv", "invite"],
  ["leave", "part"],
  ["leav", "part"],
  ["rooms", "list"],
  ["unblock", "block"],
])("whoever types /%s means /%s", (word, meant) => {
  expect(NAMES).not.toContain(word);
  expect(NAMES).toContain(meant);
  expect(suggestion(word, NAMES)).toBe(meant);
});

test.each(["frobnicate", "policy", "x"])("nobody knows what /%s means", (word) => {
  expect(suggestion(word, NAMES)).toBeUndefined();
});
