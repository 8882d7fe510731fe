import { describe, expect, it } from "vitest";
import { LateKeys } from "../../../../src/core/room/late-keys.ts";
import { key } from "../../../support/control.ts";

const epoch = (number: number): Uint8Array => key(`epoch ${number}`);
const nameOf = (id: Uint8Array): Uint8Array => id.slice(0, 16);

describe("keys that come late", () => {
  it("are a reason to read a room again from the earliest of their epochs, once", () => {
    const late = new LateKeys();
    expect(late.take()).toBeUndefined();
    late.came(epoch(1), 700, false);
    late.came(epoch(2), 500, false);
    late.came(epoch(3), 900, false);
    expect(late.take()).toBe(500);
    expect(late.take()).toBeUndefined();
  });

  it("are none where they come with their epoch, unless something was found shut before", () => {
    const late = new LateKeys();
    late.came(epoch(1), 700, true);
    expect(late.take()).toBeUndefined();
    late.shut(nameOf(epoch(2)));
    late.came(epoch(1), 600, true);
    late.came(epoch(2), 700, true);
    expect(late.take()).toBe(700);
    late.came(epoch(2), 800, true);
    expect(late.take()).toBeUndefined();
  });

  it("are all one when somebody has named more epochs than are kept", () => {
    const late = new LateKeys();
    for (let i = 0; i < 5_000; i++) late.shut(nameOf(epoch(i)));
    late.came(epoch(9_999), 700, true);
    expect(late.take()).toBe(700);
  });
});
