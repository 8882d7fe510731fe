import { expect, test } from "vitest";
import { table } from "../../../cli/table.ts";

test("columns are as wide as a terminal shows them", () => {
  expect(table([["#日本", "2 members"], ["#lobby", "1 member", "here"], ["x"]])).toEqual([
    "#日本   2 members",
    "#lobby  1 member   here",
    "x",
  ]);
  expect(table([])).toEqual([]);
});
