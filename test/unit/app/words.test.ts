import { expect, test } from "vitest";
import { welcomeLine } from "../../../src/app/words.ts";

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
