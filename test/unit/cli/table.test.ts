import { expect, test } from "vitest";
import { count, table } from "../../../cli/table.ts";

test("columns are as wide as a terminal shows them", () => {
  expect(table([["#日本", "2 members"], ["#lobby", "1 member", "here"], ["x"]])).toEqual([
    "#日本   2 members",
    "#lobby  1 member   here",
    "x",
  ]);
  expect(table([])).toEqual([]);
});

test("numbers with their word", () => {
  expect([count(0, "peer"), count(1, "peer"), count(2, "peer")]).toEqual([
    "0 peers",
    "1 peer",
    "2 peers",
  ]);
});
