import { expect, test } from "vitest";
import { shellBlocks } from "../../support/shell-blocks.ts";

test("shell blocks are found with their mark, others are not", () => {
  const page = [
    "```sh run",
    "one",
    "```",
    "```text",
    "no",
    "```",
    "```bash",
    "two",
    "three",
    "```",
    "```sh elsewhere",
    "four",
    "```",
  ];
  expect(shellBlocks(page.join("\n"))).toEqual([
    { mark: "run", line: 1, commands: "one\n" },
    { mark: undefined, line: 7, commands: "two\nthree\n" },
    { mark: "elsewhere", line: 11, commands: "four\n" },
  ]);
});
