import { expect, it } from "vitest";
import { typedAhead } from "../../../cli/tui/input/typed-ahead.ts";

it("Enter is Enter, also where the terminal made a line feed of it", () => {
  expect(typedAhead("hello\nand th")).toBe("hello\rand th");
  expect(typedAhead("plain")).toBe("plain");
});

it("more lines than anybody types meanwhile are a paste, and not as many messages", () => {
  const text = "line\n".repeat(200);
  expect(typedAhead(text)).toEqual({ type: "paste", text });
});
