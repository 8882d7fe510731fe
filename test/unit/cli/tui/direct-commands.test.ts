import { expect, it } from "vitest";
import { addressed } from "../../../../cli/tui/direct-commands.ts";

it("/msg takes a name with spaces in quotes", () => {
  expect(addressed("bob Hello there")).toEqual({ who: "bob", text: "Hello there" });
  expect(addressed("@bob")).toEqual({ who: "@bob", text: "" });
  for (const who of ['"Ana Maria"', '@"Ana Maria"', '"@Ana Maria"'])
    expect(addressed(`${who} says "hi"`)).toEqual({ who: "Ana Maria", text: 'says "hi"' });
  expect(addressed('"Ana Maria"')).toEqual({ who: "Ana Maria", text: "" });
  // What has no second quote is a word as any other.
  expect(addressed('"hm what')).toEqual({ who: '"hm', text: "what" });
  expect(addressed("")).toEqual({ who: "", text: "" });
});
