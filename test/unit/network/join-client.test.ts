/** Joining from the newcomer's side: whom it asks, and which answers it takes for an end. */
import { afterEach, describe, expect, it } from "vitest";
import { joinNetwork } from "../../../src/network/index.ts";
import type { Refusal } from "../../../src/core/network/join.ts";
import { member, outerKey } from "../../support/fenced.ts";
import { Founded, Person } from "../../support/private-network.ts";
import { stopNodes } from "../../support/transports.ts";

afterEach(stopNodes);

const granted = new Uint8Array(64).fill(5);

/** A node of the network that gives these answers, one after the other. */
async function responder(...answers: readonly (Uint8Array | Refusal)[]) {
  let asked = 0;
  const answer = async () => answers[Math.min(asked++, answers.length - 1)] as Uint8Array;
  const { node } = await member("tcp/0", undefined, { door: { answer } });
  return { address: String(node.addresses()[0]), asked: () => asked };
}

function join(...addresses: readonly string[]) {
  const newcomer = new Person(9);
  return joinNetwork({
    deviceSeed: newcomer.device.seed,
    networkName: "~fence",
    outerKey,
    addresses,
    localOnly: true,
    waitMs: 20_000,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    make: () => ({
      ticket: null,
      certificate: new Founded(newcomer).founder.device.certificate.wire,
    }),
  });
}

describe("a newcomer", () => {
  it("PRIVATE-19 asks again where the inviter is not known yet", async () => {
    const late = await responder("ticket-inviter", "join-busy", granted);
    expect(await join(late.address)).toEqual(granted);
    expect(late.asked()).toBe(3);
  });

  it("PRIVATE-19 takes the word of whoever knows the inviter", async () => {
    const [unknowing, knowing] = [await responder("ticket-inviter"), await responder(granted)];
    expect(await join(unknowing.address, knowing.address)).toEqual(granted);
  });

  it("PRIVATE-19 gives up after a while where nobody knows the inviter, and at once for any other reason", async () => {
    const unknowing = await responder("ticket-inviter");
    expect(await join(unknowing.address)).toBe("ticket-inviter");
    expect(unknowing.asked()).toBeGreaterThan(2);
    const used = await responder("ticket-used");
    expect(await join(used.address)).toBe("ticket-used");
    expect(used.asked()).toBe(1);
  });
});
