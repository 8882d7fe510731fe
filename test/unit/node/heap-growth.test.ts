import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { limitHeapGrowth } from "../../../src/node/heap-growth.ts";

/** What is kept alive is replaced all the time, as by a catch-up; prints the largest heap that this took, in MB. */
const CHURN = `
  const { limitHeapGrowth } = await import(process.argv[1]);
  if (process.argv[2] === "limited" && !limitHeapGrowth()) throw new Error("not limited");
  const kept = Array.from({ length: 200_000 }, (_, i) => ({ i, text: "x" + i }));
  let peak = 0;
  for (let i = 0; i < 2_500_000; i++) {
    kept[i % kept.length] = { i, text: "x" + i };
    if (i % 20_000 === 0) peak = Math.max(peak, process.memoryUsage().heapTotal);
  }
  console.log(peak / 1e6);
`;

function churned(how: "limited" | "free"): number {
  const file = join(import.meta.dirname, "../../../src/node/heap-growth.ts");
  const code = ["--input-type=module", "--max-semi-space-size=8", "-e", CHURN, file, how];
  const { stdout, stderr, status } = spawnSync(process.execPath, code, { encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return Number(stdout);
}

it("ADR 232 the heap of a node stays smaller than V8 would let it grow, and the flag is known here", () => {
  expect(churned("limited")).toBeLessThan(0.85 * churned("free"));
});

it("ADR 232 a Node that was not tried is left as it is", () => {
  expect(limitHeapGrowth("99.0.0")).toBe(false);
});
