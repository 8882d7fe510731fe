import { beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { networkId, openRoom } from "../../../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { RawPeer } from "../../../support/raw-peer.ts";
import { LOBBY, Replica } from "../../../support/replica.ts";
import { CALM, VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;
let network: VirtualNetwork;
let node: Replica;
let peer: RawPeer;

beforeEach(async () => {
  time = new VirtualTime();
  network = new VirtualNetwork(time, 1);
  node = await Replica.start(network, { number: 1 });
  peer = new RawPeer(network, 50);
});

const SECRET = openRoom(nodeCrypto, networkId(nodeCrypto, "virtual"), "#secret");

describe("the stream", () => {
  it("SYNC-1 who dialled opens it; the other side only when nothing came for 5 s", async () => {
    const other = await Replica.start(network, { number: 2 });
    let streams = 0;
    const take = other.replicator.events.stream.bind(other.replicator.events);
    other.replicator.events.stream = (stream) => {
      streams += 1;
      take(stream);
    };
    node.meet(other);
    await time.pass(10_000);
    expect(streams).toBe(1);
    expect(node.said.greeted.length).toBe(1);
    expect(other.said.greeted.length).toBe(1);
  });

  it("SYNC-1 an accepting side that waits in vain opens the stream itself", async () => {
    const silent = (): void => undefined;
    let taken = 0;
    await peer.transport.start({
      connected: silent,
      disconnected: silent,
      subscribers: silent,
      stream: () => void (taken += 1),
      addresses: silent,
      notice: silent,
    });
    network.dial(peer.transport, node.transport);
    await time.pass(4_900);
    expect(taken).toBe(0);
    await time.pass(200);
    expect(taken).toBe(1);
  });

  it("SYNC-1 a stream that breaks is opened again", async () => {
    const other = await Replica.start(network, { number: 2 });
    node.meet(other);
    await time.pass(100);
    for (const stream of network.between(node.transport, other.transport)?.streams ?? [])
      stream.cut("a test");
    await time.pass(10_000);
    expect(node.said.greeted.length).toBe(2);
    await other.write(["after the cut"], { quiet: true });
    await time.until("the session after it", () => node.count() === 1);
  });

  it("SYNC-1 of two streams opened at once that of the lower device key stays", async () => {
    const other = await Replica.start(network, { number: 2 });
    await node.replicator.stop();
    const [low, high] = [node, other].sort((a, b) => Buffer.compare(a.device, b.device)) as [
      Replica,
      Replica,
    ];
    node.replicator.start();
    node.replicator.joinRoom(node.room, node.log);
    network.dial(high.transport, low.transport);
    const address = `/virtual/p2p/${high.transport.peerId}`;
    expect((await low.transport.connect(address)).peerId).toBe(high.transport.peerId);
    low.replicator.events.connected({
      ...(low.transport.peers()[0] as never as object),
      direction: "outbound",
    } as never);
    await time.pass(100);
    expect(low.said.greeted.length).toBe(1);
    await low.write(["one"]);
    await time.until("it arrives", () => high.count() === 1, 100);
  });

  it("SYNC-1 a peer that has greeted and opens another stream is heard there: it has lost the first", async () => {
    const other = await Replica.start(network, { number: 2 });
    const [low, high] = [node, other].sort((a, b) => Buffer.compare(a.device, b.device)) as [
      Replica,
      Replica,
    ];
    low.meet(high);
    await time.pass(1_000);
    expect(low.said.greeted.length).toBe(1);
    const stream = await high.transport.open(low.transport.peerId);
    const first = stream.frames()[Symbol.asyncIterator]().next();
    await time.pass(100);
    expect((await first).done).toBe(false);
  });

  it("SYNC-64 who was silent on a dead stream is reconciled with as soon as there is a new one", async () => {
    const other = await Replica.start(network, { number: 2 });
    node.meet(other);
    await time.pass(1_000);
    // Half of a cable: nothing arrives, and nobody is told.
    network.conditions = () => ({ ...CALM, delayMinMs: 1e9, delayMaxMs: 1e9 });
    await node.write(["into the void"]);
    await other.write(["meanwhile"], { quiet: true });
    await time.pass(25_000);
    network.conditions = () => CALM;
    node.part(other);
    node.meet(other);
    await time.until("both have both", () => node.count() === 2 && other.count() === 2, 1_000);
  });

  it("SYNC-2 SYNC-64 a malformed frame ends the stream, and the peer gets no other for 10 min", async () => {
    await peer.dial(node);
    await peer.greet();
    peer.sendBytes(Uint8Array.of(0xff));
    await peer.ended();
    const again = new RawPeer(network, 50);
    await again.dial(node);
    await again.ended();
    await time.pass(600_000);
    const later = new RawPeer(network, 50);
    await later.dial(node);
    await later.greet();
    expect(later.over).toBe(false);
  });

  it("SYNC-3 anything before the greeting ends it", async () => {
    await peer.dial(node);
    peer.send({ type: "rooms", tags: [] });
    await peer.ended();
  });

  it("SYNC-3 a second greeting ends it", async () => {
    await peer.dial(node);
    await peer.greet();
    peer.send({ type: "hello", nonce: peer.nonce, clockMs: 0, certificate: peer.certificate.wire });
    await peer.ended();
  });

  it("SYNC-3 a certificate of another device ends it, and so does a false one", async () => {
    const stranger = new RawPeer(network, 60);
    await peer.dial(node);
    peer.send({
      type: "hello",
      nonce: peer.nonce,
      clockMs: 0,
      certificate: stranger.certificate.wire,
    });
    await peer.ended();
    await stranger.dial(node);
    const forged = stranger.certificate.wire.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    stranger.send({ type: "hello", nonce: peer.nonce, clockMs: 0, certificate: forged });
    await stranger.ended();
    expect(node.said.greeted).toEqual([]);
  });

  it("SYNC-3 silence ends it", async () => {
    await peer.dial(node);
    await peer.ended();
  });

  it("says who greeted, and how far its clock is ahead", async () => {
    await peer.dial(node);
    peer.send({
      type: "hello",
      nonce: peer.nonce,
      clockMs: time.nowMs() + 90_000,
      certificate: peer.certificate.wire,
    });
    await time.pass(10);
    expect(node.said.greeted).toEqual([
      {
        peerId: peer.transport.peerId,
        root: toHex(peer.root),
        offsetMs: expect.closeTo(90_000, -2) as number,
      },
    ]);
    expect(node.replicator.rootOf(peer.transport.peerId)).toEqual(peer.root);
  });

  it("SYNC-7 what a person is called is said once, to whom a room is shared with", async () => {
    const named = await Replica.start(network, { number: 2, name: "ana" });
    await peer.dial(named);
    await peer.greet([SECRET]);
    expect(peer.heard.filter(({ type }) => type === "name")).toEqual([]);
    peer.send({ type: "rooms", tags: [peer.tag()] });
    expect(await peer.next("name")).toEqual({ type: "name", name: "ana" });
    await time.pass(1_000);
    expect(peer.heard.filter(({ type }) => type === "name")).toEqual([]);
  });

  it("SYNC-7 a name is heard once a stream, one too long ends it, and none is needed", async () => {
    const other = await Replica.start(network, { number: 2 });
    node.meet(other);
    await peer.dial(node);
    await peer.greet();
    for (const name of ["bob", "rob"]) peer.send({ type: "name", name });
    await time.pass(100);
    expect(node.said.named).toEqual([{ root: toHex(peer.root), name: "bob" }]);
    expect(node.said.greeted.length).toBe(2);
    peer.send({ type: "name", name: "é".repeat(33) });
    await peer.ended();
  });

  it("SYNC-4 rooms are named by tags that say nothing to who does not know the room", async () => {
    await peer.dial(node);
    peer.send({ type: "hello", nonce: peer.nonce, clockMs: 0, certificate: peer.certificate.wire });
    const { nonce } = await peer.next("hello");
    const { tags } = await peer.next("rooms");
    expect(tags.length).toBe(8);
    const input = Buffer.concat([
      Buffer.from("parley/sync-tag/1\0"),
      nonce,
      peer.nonce,
      node.device,
      peer.device,
    ]);
    const expected = toHex(
      nodeCrypto.hmacSha256(LOBBY.roomKey, new Uint8Array(input)).subarray(0, 16),
    );
    expect(tags.map(toHex)).toContain(expected);
  });

  it("SYNC-5 an unknown tag is answered with no-room and nothing else", async () => {
    await peer.dial(node);
    await peer.greet();
    peer.heard.length = 0;
    const tag = peer.tag(SECRET);
    peer.send({
      type: "open",
      session: 2,
      tag,
      set: 1,
      floor: 0,
      count: 0,
      message: null,
      complete: 0,
    });
    peer.send({ type: "fetch", session: 4, tag, ids: [new Uint8Array(32)] });
    peer.send({ type: "stored", tag, chains: [{ device: node.device, gapFreeSeq: 1, tipSeq: 1 }] });
    await time.pass(100);
    expect(peer.heard).toEqual([
      { type: "close", session: 2, reason: "no-room" },
      { type: "close", session: 4, reason: "no-room" },
    ]);
    expect(node.said.held).toEqual([]);
  });

  it("SYNC-5 the tag of the other direction is unknown too", async () => {
    await peer.dial(node);
    peer.send({ type: "hello", nonce: peer.nonce, clockMs: 0, certificate: peer.certificate.wire });
    await peer.next("hello");
    const { tags } = await peer.next("rooms");
    for (const [i, tag] of tags.entries())
      peer.send({ type: "fetch", session: 2 * i + 2, tag, ids: [] });
    await time.pass(100);
    expect(peer.heard.filter(({ type }) => type === "close").length).toBe(tags.length);
  });

  it.each([
    ["of the wrong kind", [3]],
    ["twice", [2, 2]],
    ["falling", [4, 2]],
  ])("SYNC-6 a session number %s ends the stream", async (_, numbers) => {
    await peer.dial(node);
    await peer.greet();
    for (const session of numbers) peer.send({ type: "fetch", session, tag: peer.tag(), ids: [] });
    await peer.ended();
  });

  it("SYNC-6 sessions that begin together open in the order of their numbers", async () => {
    // What a room with messages opens with takes longer to find than that of an empty one.
    await node.write(["one", "two"], { quiet: true });
    node.replicator.joinRoom(SECRET, await node.store.room(SECRET.roomId));
    await peer.accept(node);
    await peer.greet([LOBBY, SECRET]);
    const opened = (): number[] =>
      peer.heard.flatMap((frame) => (frame.type === "open" ? [frame.session] : []));
    await time.until("both are open", () => opened().length === 2, 5_000);
    expect(opened()).toEqual([2, 4]);
  });

  it("SYNC-6 frames of sessions that do not exist are passed over", async () => {
    await peer.dial(node);
    await peer.greet();
    peer.send({ type: "end", session: 8, lacking: new Uint8Array(0) });
    peer.send({ type: "page", session: 9, page: new Uint8Array(9) });
    await time.pass(100);
    expect(peer.over).toBe(false);
  });

  it("a room joined later is shared and reconciled at once", async () => {
    const other = await Replica.start(network, { number: 2, idle: true });
    await node.write(["before they came"], { quiet: true });
    other.meet(node);
    await time.pass(1_000);
    expect(other.count()).toBe(0);
    other.replicator.joinRoom(other.room, other.log);
    await time.until("it is there", () => other.count() === 1, 1_000);
  });

  it("a room that was left is not answered any more", async () => {
    await peer.dial(node);
    await peer.greet();
    node.replicator.leaveRoom(LOBBY.roomId);
    peer.heard.length = 0;
    peer.send({
      type: "open",
      session: 2,
      tag: peer.tag(),
      set: 1,
      floor: 0,
      count: 0,
      complete: 0,
      message: null,
    });
    expect(await peer.next("close")).toEqual({ type: "close", session: 2, reason: "no-room" });
  });
});
