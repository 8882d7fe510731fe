import { expect, test } from "vitest";
import { nearest } from "../../../../src/core/text/nearest.ts";

const NAMES = [
  "send",
  "tail",
  "history",
  "join",
  "leave",
  "rooms",
  "members",
  "node",
  "stop",
  "id",
];

test.each([
  ["sned", "send"],
  ["Send", "send"],
  ["tial", "tail"],
  ["hist", "history"],
  ["histroy", "history"],
  ["room", "rooms"],
  ["jion", "join"],
  ["stpo", "stop"],
])("%s is most likely %s", (slip, meant) => {
  expect(nearest(slip, NAMES)).toBe(meant);
});

test.each(["frobnicate", "x", "", "lobby"])("%j is like none", (word) => {
  expect(nearest(word, NAMES)).toBeUndefined();
});
