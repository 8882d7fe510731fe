import { expect, test } from "vitest";
import { Lru } from "../../../../src/core/codec/lru.ts";

test("forgets the entry not used for the longest time, and never holds more than its bound", () => {
  const lru = new Lru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  expect(lru.get("a")).toBe(1);
  lru.set("c", 3);
  expect(lru.size).toBe(2);
  expect(lru.get("b")).toBeUndefined();
  expect(lru.get("a")).toBe(1);
  expect(lru.get("c")).toBe(3);
});

test("setting an entry again replaces it without forgetting another", () => {
  const lru = new Lru<string, number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.set("a", 3);
  expect(lru.get("a")).toBe(3);
  expect(lru.get("b")).toBe(2);
});
