import { expect, test } from "vitest";
import { welcomeLine, wordCommands } from "../../../src/app/words.ts";

const identity = { author: "00", name: "ana", fingerprint: "7XSR-B1NX" } as Parameters<
  typeof welcomeLine
>[0];
const room = { room: "#guild" } as Parameters<typeof welcomeLine>[1];

test("the first line says who may write: in an open room anyone, in one with an owner whom ranks let", () => {
  expect(welcomeLine(identity, room)).toContain("#guild is open");
  for (const rank of ["owner", "guest", null] as const) {
    const line = welcomeLine(identity, { ...room, rank });
    expect(line).toContain("#guild has an owner");
    expect(line).not.toContain("is open");
  }
});

test.each([
  ["{/address} tells it", "/address tells it", "parley address tells it"],
  ["{parley} again", "parley again", "parley again"],
  ["{parley stop} first", "parley stop first", "parley stop first"],
  ["{parley rooms --all|/list} shows it", "/list shows it", "parley rooms --all shows it"],
])("“%s” names commands as they are typed where it is read", (text, inClient, inShell) => {
  expect(wordCommands(text, { slash: true, shell: "parley" })).toBe(inClient);
  expect(wordCommands(text, { slash: false, shell: "parley" })).toBe(inShell);
});
