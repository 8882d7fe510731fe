/** The guide to an own network works word for word. */
import { expect, it } from "vitest";
import { runGuide } from "../support/guide.ts";

it("docs/guide/own-network.md works as it stands", async () => {
  const { code, output, unmarked } = await runGuide("docs/guide/own-network.md");
  expect(code, output).toBe(0);
  expect(unmarked).toBe(0);
  expect(output).toContain("You are in friends. There: ana");
  expect(output).toContain("bob: hello");
  expect(output).toMatch(/friends · private · 2 members/);
});
