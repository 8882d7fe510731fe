import { expect, it } from "vitest";
import { counted } from "../../../../src/core/text/counted.ts";

it.each([
  [0, "peer", "0 peers"],
  [1, "peer", "1 peer"],
  [2, "address", "2 addresses"],
  [12_345, "event", "12,345 events"],
])("%i %s is written %s", (count, one, text) => {
  expect(counted(count, one)).toBe(text);
});

it("takes a plural of its own", () => {
  expect([1, 2].map((count) => counted(count, "person", "people"))).toEqual([
    "1 person",
    "2 people",
  ]);
});
