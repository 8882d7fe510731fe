/** The inner fence where peers meet through relays, and on everything else a node of a private network speaks. */
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, describe, expect, it } from "vitest";
import { utf8 } from "../../../src/core/codec/bytes.ts";
import { RoomTable } from "../../../src/network/dht.ts";
import { networkMark } from "../../../src/network/libp2p-node.ts";
import { watchNat } from "../../../src/network/nat.ts";
import {
  bare,
  listenIn,
  logger,
  OPEN_PROTOCOLS,
  random,
  relay,
  stopBare,
} from "../../support/bare-members.ts";
import { member, outerKey, secret, stopStrangers, stranger } from "../../support/fenced.ts";
import { hearing, inRoom, stopNodes, until } from "../../support/transports.ts";

const silent = (): void => undefined;

afterEach(async () => {
  await stopBare();
  await stopNodes();
  await stopStrangers();
});

describe("everything a relay of a private network speaks", () => {
  it("PRIVATE-6 is answered to members, and to who has the outer key alone but for four protocols", async () => {
    const { node, parts } = await bare([secret(1)], true);
    await RoomTable.load({ node, parts, logger, mark: "fence", found: silent });
    const nat = { node, parts, logger, random, upnp: false, serving: true, lost: silent };
    await watchNat(nat);
    const { spoken, reached } = listenIn(node);
    for (const wanted of [
      "/libp2p/circuit/relay/0.2.0/hop",
      "/libp2p/circuit/relay/0.2.0/stop",
      "/webrtc-signaling/0.0.1",
      "/libp2p/autonat/1.0.0",
      "/parley/fence/kad/1.0.0",
      "/meshsub/1.2.0",
      "/ipfs/id/push/1.0.0",
    ])
      expect(spoken).toContain(wanted);
    const closed = spoken.filter((protocol) => !OPEN_PROTOCOLS.includes(protocol));

    const other = await stranger(outerKey);
    const [address] = node.getMultiaddrs();
    if (!address) throw new Error("it does not listen");
    const connection = await other.dial(address);
    const answered: string[] = [];
    for (const protocol of closed) {
      const stream = await connection.newStream(protocol);
      stream.addEventListener("message", () => answered.push(protocol));
      // Asks a relay for a place; to the others it is noise.
      stream.send(Uint8Array.of(2, 8, 0));
    }
    await until("all of them are understood, and wait", () => {
      const [theirs] = node.getConnections();
      const waiting = theirs?.streams.map(({ protocol }) => protocol) ?? [];
      return closed.every((protocol) => waiting.includes(protocol));
    });
    await other.services.ping.ping(address);
    expect([...reached].filter((protocol) => closed.includes(protocol))).toEqual([]);
    expect(answered).toEqual([]);

    const one = await bare([secret(1)], false);
    const inside = await one.node.dial(address);
    for (const protocol of closed) await inside.newStream(protocol);
    await until("a member reaches every one", () => closed.every((it) => reached.has(it)));
  });
});

/** A relay that is a member, and a member who is reached through it alone. */
async function behindRelay(secrets = [secret(1)], relaySecrets = secrets) {
  const r = await member("tcp/0", relaySecrets, {}, { relay });
  const bootstrap = r.node.addresses();
  const b = await member(undefined, secrets, {}, { bootstrap });
  await until("b keeps a place", () => b.node.addresses().length > 0);
  return { r, b, bootstrap, address: b.node.addresses()[0] as string };
}

describe("through a relay of a private network", () => {
  it("PRIVATE-5 REACH-3 members prove the secret end to end and talk", async () => {
    const { b, address } = await behindRelay();
    const a = await member(undefined);
    const heard: string[] = [];
    a.node.join("room", () => "accept");
    b.node.join("room", hearing(heard));
    expect(await a.node.connect(address)).toMatchObject({ peerId: b.node.peerId, how: "relayed" });
    await inRoom(a.node, "room");
    await a.node.publish("room", utf8("hello"));
    await until("it is heard", () => heard.length === 1);
  });

  it("PRIVATE-7 whom the relay serves is still nobody to a member of another secret", async () => {
    const both = [secret(1, Date.now() + 600_000), secret(2)];
    const { r, b, address } = await behindRelay([secret(2)], both);
    const a = await member(undefined, [secret(1)]);
    await expect(a.node.connect(address)).rejects.toMatchObject({ code: "network-mismatch" });
    await until("the relay has served a", () =>
      r.heard.connected.some(({ peerId }) => peerId === a.node.peerId),
    );
    expect(b.heard.connected.map(({ peerId }) => peerId)).toEqual([r.node.peerId]);
  });

  it("PRIVATE-6 PRIVATE-13 nobody who has the outer key alone gets a circuit or a place", async () => {
    const { r, b, address } = await behindRelay();
    const other = await stranger(outerKey);
    await other.dial(multiaddr(r.node.addresses()[0] as string));
    const signal = AbortSignal.timeout(5_000);
    await expect(other.dial(multiaddr(address), { signal })).rejects.toThrow();
    expect(b.heard.connected.map(({ peerId }) => peerId)).toEqual([r.node.peerId]);
    expect(r.node.reach?.().serves).toMatchObject({ places: 1, circuits: 0 });
  });
});

describe("what protocols are called", () => {
  it("NETWORK-10 by the name of the network, and by the plain one where a member has no other", async () => {
    const plain = "/parley/sync/1";
    const own = `/parley/${networkMark("~fence")}/sync/1`;
    for (const [spoken, wanted] of [
      [[own, plain], own],
      [[plain], plain],
    ] as const) {
      const other = await bare([secret(1)], true);
      const opened: string[] = [];
      await other.node.handle([...spoken], (stream) => void opened.push(stream.protocol));
      const { node } = await member(undefined);
      await node.connect(String(other.node.getMultiaddrs()[0]));
      await node.open(other.node.peerId.toString());
      await until("a stream has come", () => opened.length > 0);
      expect(opened).toEqual([wanted]);
      // What members answer to, the other way round.
      const [connection] = other.node.getConnections();
      const stream = await connection?.newStream([...spoken]);
      expect(stream?.protocol).toBe(wanted);
    }
  });
});

describe("a connection that may not be any more", () => {
  it("PRIVATE-10 carries nothing new at once, and is cut where the other side does not let it end", async () => {
    const secrets = [secret(1)];
    const r = await bare(secrets, true);
    const one = await bare([secret(1)], false);
    const theirs = await one.node.dial(r.node.getMultiaddrs());
    await one.node.services.fence?.proven(theirs);
    const [ours] = r.node.getConnections();
    if (!ours) throw new Error("it is not connected");
    await r.node.services.fence?.proven(ours);
    ours.close = async () => {
      throw new Error("somebody does not read what was sent");
    };
    secrets.splice(0, 1, secret(2));
    r.node.services.fence?.changed();
    await expect(r.node.services.fence?.proven(ours)).rejects.toMatchObject({
      code: "network-mismatch",
    });
    await until("it is over at both ends", () =>
      [ours, theirs].every(({ status }) => status !== "open"),
    );
  });
});
