import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { LateParts } from "../../../src/network/components.ts";
import { RoomTable } from "../../../src/network/dht.ts";
import { createNode, networkMark, type ParleyNode } from "../../../src/network/libp2p-node.ts";

const running: { node: ParleyNode; parts: LateParts }[] = [];

afterEach(async () => {
  for (const { node, parts } of running.splice(0)) {
    await parts.stop();
    await node.stop();
  }
});

async function inTable(networkName: string) {
  const node = await createNode({
    deviceSeed: new Uint8Array(randomBytes(32)),
    networkName,
    listen: ["/ip4/127.0.0.1/tcp/0"],
    announce: [],
    localOnly: true,
  });
  await node.start();
  const parts = new LateParts();
  running.push({ node, parts });
  const found: string[] = [];
  const silent = (): void => undefined;
  const logger = { debug: silent, info: silent, warn: silent };
  const mark = networkMark(networkName);
  const table = await RoomTable.load({
    node,
    parts,
    logger,
    mark,
    found: (address) => void found.push(address),
  });
  return { node, table, found };
}

describe("the table of rooms", () => {
  it("REACH-9 tells members of a room of each other through somebody who is not in it; other topics and networks find nobody", async () => {
    const networkName = `test-${randomBytes(6).toString("hex")}`;
    const [hub, a, b, stranger] = await Promise.all([
      inTable(networkName),
      inTable(networkName),
      inTable(networkName),
      inTable(`other-${networkName}`),
    ]);
    for (const { node } of [a, b, stranger]) await node.dial(hub.node.getMultiaddrs());
    await expect
      .poll(
        async () => {
          await a.table.provide("a topic");
          await b.table.find("a topic");
          return b.found.some((address) => address.endsWith(a.node.peerId.toString()));
        },
        { timeout: 25_000 },
      )
      .toBe(true);
    b.found.length = 0;
    await b.table.find("another topic");
    expect(b.found).toEqual([]);
    await stranger.table.find("a topic").catch(() => undefined);
    expect(stranger.found).toEqual([]);
  });
});
