/** Joining from the newcomer's side: whom it asks, and which answers it takes for an end. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { joinNetwork } from "../../../src/network/index.ts";
import type { Refusal } from "../../../src/core/network/join.ts";
import { member, outerKey } from "../../support/fenced.ts";
import { Founded, Person } from "../../support/private-network.ts";
import { stopNodes } from "../../support/transports.ts";

const strangers = new Set<Server>();
afterEach(async () => {
  for (const server of strangers) server.close();
  strangers.clear();
  await stopNodes();
});

const granted = new Uint8Array(64).fill(5);

/** A node of the network that gives these answers, one after the other. */
async function responder(...answers: readonly (Uint8Array | Refusal)[]) {
  let asked = 0;
  const answer = async () => answers[Math.min(asked++, answers.length - 1)] as Uint8Array;
  const { node } = await member("tcp/0", undefined, { door: { answer } });
  return { address: String(node.addresses()[0]), asked: () => asked };
}

/** Takes connections, and does with each what it is told. */
async function stranger(meet: (socket: Socket, server: Server) => void) {
  const server: Server = createServer((socket) =>
    meet(
      socket.on("error", () => undefined),
      server,
    ),
  );
  strangers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`;
}

function join(...addresses: readonly string[]) {
  return joinWithin(30_000, ...addresses);
}

function joinWithin(waitMs: number, ...addresses: readonly string[]) {
  const newcomer = new Person(9);
  return joinNetwork({
    deviceSeed: newcomer.device.seed,
    networkName: "~fence",
    outerKey,
    addresses,
    localOnly: true,
    waitMs,
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

  it("tries every address of a ticket, also behind those that take what is sent to them and say nothing", async () => {
    const silent = async () => stranger((socket) => void socket.resume());
    const answering = await responder(granted);
    const [, peerId] = answering.address.split("/p2p/");
    const addresses = [`${await silent()}/p2p/${peerId}`, `${await silent()}/p2p/${peerId}`];
    expect(await join(...addresses, answering.address)).toEqual(granted);
  });

  it("says that somebody without a key was there, also when nobody is there any more", async () => {
    const gone = await stranger((socket, server) => {
      socket.once("data", () => socket.resetAndDestroy());
      server.close();
    });
    await expect(joinWithin(2_500, gone)).rejects.toMatchObject({ code: "network-key-none" });
  });
});
