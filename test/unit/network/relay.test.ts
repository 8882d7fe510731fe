import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { utf8 } from "../../../src/core/codec/bytes.ts";
import { LINK_PROTOCOL } from "../../../src/core/network/link.ts";
import { overLink } from "../../../src/network/link-client.ts";
import { nodeCrypto } from "../../../src/node/crypto.ts";
import { hearing, inRoom, startNode, stopNodes, until } from "../../support/transports.ts";

afterEach(stopNodes);

const newNetwork = (): string => `test-${randomBytes(6).toString("hex")}`;
const limits = { reservations: 2, circuitMs: 60_000, circuitBytes: 1024 * 1024 };

/** A relay, and a node that listens nowhere and keeps a place there. */
async function relayed(relay = limits) {
  const networkName = newNetwork();
  const deviceSeed = new Uint8Array(randomBytes(32));
  const r = await startNode({ networkName, relay, deviceSeed });
  const [address] = r.node.addresses();
  const seedOfB = new Uint8Array(randomBytes(32));
  const started = await startNode({
    networkName,
    listen: [],
    bootstrap: [address as string],
    deviceSeed: seedOfB,
  });
  const b = { ...started, device: nodeCrypto.signer(seedOfB).publicKey };
  await until("b keeps a place", () => b.node.addresses().length > 0);
  return { networkName, r, b, relayAddress: address as string, deviceSeed };
}

describe("a relay", () => {
  it("REACH-1 lends its address to a node that listens nowhere, again after a lost connection", async () => {
    const { networkName, r, b, relayAddress, deviceSeed } = await relayed();
    const [address] = b.node.addresses();
    expect(address).toContain(`/p2p/${r.node.peerId}/p2p-circuit/p2p/${b.node.peerId}`);
    const a = await startNode({ networkName, listen: [] });
    const peer = await a.node.connect(address as string);
    expect(peer).toMatchObject({ peerId: b.node.peerId, how: "relayed" });
    await r.node.stop();
    await until("the address is gone", () => b.node.addresses().length === 0);
    const listen = [relayAddress.split("/p2p/")[0] as string];
    await startNode({ networkName, relay: limits, listen, deviceSeed });
    await until("b keeps a place again", () => b.node.addresses().length > 0);
  });

  it("a new device is linked through it where both are behind routers, in an open network", async () => {
    const { networkName, b } = await relayed();
    await b.node.serve?.(LINK_PROTOCOL, (stream) => {
      void (async () => {
        for await (const frame of stream.frames()) await stream.send(frame);
      })();
    });
    const silent = (): void => undefined;
    const said = utf8("a ticket, and more");
    const options = {
      deviceSeed: new Uint8Array(randomBytes(32)),
      networkName,
      outerKey: null,
      device: b.device,
      addresses: b.node.addresses(),
      localOnly: true,
      waitMs: 60_000,
      logger: { debug: silent, info: silent, warn: silent },
    };
    const heard = await overLink(options, async (frames, next) => {
      await frames.send(said);
      return next();
    });
    expect(heard).toEqual(said);
  });

  it("REACH-2 keeps no more places than it may", async () => {
    const { networkName, r, b, relayAddress } = await relayed({ ...limits, reservations: 1 });
    const c = await startNode({ networkName, listen: [], bootstrap: [relayAddress] });
    // c meets b through the place of b, so it has been long enough with the relay to ask for its own.
    await until("c meets both", () => c.node.peers().length === 2);
    expect(b.node.addresses()).toHaveLength(1);
    expect(c.node.addresses()).toEqual([]);
    expect(r.node.peers()).toHaveLength(2);
    const places = (): number | undefined => r.node.reach?.().serves?.places;
    expect(places()).toBe(1);
    await b.node.stop();
    await until("the place of who has gone is free", () => places() === 0);
  });

  it("REACH-3 gossip and streams go through it, and go on when a circuit is cut at its limit", async () => {
    const { networkName, b } = await relayed();
    const a = await startNode({ networkName, listen: [] });
    const heard: string[] = [];
    a.node.join("room", () => "accept");
    b.node.join("room", hearing(heard));
    await a.node.connect(b.node.addresses()[0] as string);
    await inRoom(a.node, "room");
    await a.node.publish("room", utf8("before"));
    await until("it has come", () => heard.includes("before"));

    const meetings = a.heard.connected.length;
    const stream = await a.node.open(b.node.peerId);
    const frame = new Uint8Array(64 * 1024);
    const sending = (async () => {
      for (let i = 0; i < 40; i++) await stream.send(frame);
    })();
    await until("the other side has the stream", () => b.heard.streams.length === 1);
    const reading = (async () => {
      for await (const _ of b.heard.streams[0]?.frames() ?? []);
    })();
    await expect(Promise.all([reading, sending])).rejects.toMatchObject({ code: "stream-lost" });
    await until("they meet again", () => a.heard.connected.length > meetings);
    await inRoom(a.node, "room");
    expect(a.node.peers().map(({ how }) => how)).toContain("relayed");
    await a.node.publish("room", utf8("after"));
    await until("it has come", () => heard.includes("after"));
  });
});
