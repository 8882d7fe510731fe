/** Real nodes of a private network, and peers that have the outer key and not the inner secret. */
import { multiaddr } from "@multiformats/multiaddr";
import { afterEach, describe, expect, it } from "vitest";
import { utf8 } from "../../../src/core/codec/bytes.ts";
import { LINK_PROTOCOL } from "../../../src/core/network/link.ts";
import { passesOuterFence } from "../../../src/network/addresses.ts";
import {
  member,
  networkOf,
  outerKey,
  secret,
  stopStrangers,
  stranger,
} from "../../support/fenced.ts";
import { hearing, inRoom, startNode, stopNodes, until } from "../../support/transports.ts";

afterEach(async () => {
  await stopNodes();
  await stopStrangers();
});

const failing = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).name,
  );

describe.each(["tcp/0", "tcp/0/ws"])("a private network over %s", (kind) => {
  it("PRIVATE-5 members prove the secret to each other and talk", async () => {
    const [a, b] = await Promise.all([member(kind), member(kind)]);
    const heard: string[] = [];
    a.node.join("room", hearing(heard));
    b.node.join("room", () => "accept");
    await b.node.connect(a.node.addresses()[0] as string);
    await inRoom(b.node, "room");
    await b.node.publish("room", utf8("hello"));
    await until("it is heard", () => heard.length === 1);
    expect(a.node.peers().map(({ peerId }) => peerId)).toEqual([b.node.peerId]);
  });

  it("PRIVATE-4 nobody without the outer key gets a word out of a member", async () => {
    const { node } = await member(kind);
    const listen = [`/ip4/127.0.0.1/${kind}`];
    const open = await startNode({ networkName: "fence-open", listen });
    const other = await startNode({
      networkName: "~other",
      listen,
      privateNetwork: networkOf([secret(1)], { outerKey: new Uint8Array(32).fill(1) }),
    });
    const [to, from] = [node.addresses()[0] as string, open.node.addresses()[0] as string];
    expect(await failing(open.node.connect(to))).toBe("network-key-missing");
    expect(await failing(other.node.connect(to))).toBe("network-key-wrong");
    // What has no key may also just wait for more.
    expect(["network-key-none", "unreachable"]).toContain(await failing(node.connect(from)));
    expect(node.peers()).toEqual([]);
  });

  it("PRIVATE-6 whoever has the outer key alone is answered by four protocols and no other", async () => {
    const { node, heard } = await member(kind);
    node.join("room", () => "accept");
    const other = await stranger(outerKey);
    const address = multiaddr(node.addresses()[0] as string);
    const connection = await other.dial(address);
    const said: string[] = [];
    // Names are said on this stream, and what greets there says who somebody is.
    await other.handle("/parley/sync/1", () => void said.push("a stream from the member"));
    for (const protocol of [
      "/parley/sync/1",
      "/parley/peers/1",
      "/meshsub/1.2.0",
      "/meshsub/1.1.0",
      "/ipfs/id/push/1.0.0",
    ]) {
      // The negotiation may be answered; what is said on the stream is not.
      const stream = await connection.newStream(protocol).catch(() => undefined);
      stream?.addEventListener("message", () => said.push(protocol));
      stream?.send(utf8("\u0001\u0080"));
    }
    // By the time that these are answered, the others would have been.
    for (let i = 0; i < 3; i++) await other.services.ping.ping(address);
    const door = await connection.newStream("/parley/join/1");
    door.addEventListener("message", () => said.push("/parley/join/1"));
    await until("the door has answered", () => said.length > 0);
    expect(said).toEqual(["/parley/join/1"]);
    expect(heard.streams).toEqual([]);
    expect(heard.connected).toEqual([]);
    expect(node.peers()).toEqual([]);
    expect(node.subscribers("room")).toEqual([]);
  });

  it("PRIVATE-6 linking is answered before the proof only while a ticket is out", async () => {
    let out = false;
    const { node } = await member(kind, [secret(1)], { isLinking: () => out });
    await node.serve?.(LINK_PROTOCOL, (stream) => void stream.send(utf8("challenge")));
    const other = await stranger(outerKey);
    const address = multiaddr(node.addresses()[0] as string);
    let said = 0;
    const ask = async (): Promise<void> => {
      const stream = await (await other.dial(address)).newStream(LINK_PROTOCOL);
      stream.addEventListener("message", () => said++);
    };
    await ask();
    for (let i = 0; i < 3; i++) await other.services.ping.ping(address);
    expect(said).toBe(0);
    out = true;
    await ask();
    await until("it is answered", () => said === 1);
    out = false;
    await node.serve?.(LINK_PROTOCOL, null);
    expect(await failing(ask())).toBe("UnsupportedProtocolError");
  });

  it("PRIVATE-7 another secret is another network, and said so", async () => {
    const [a, b] = await Promise.all([member(kind), member(kind, [secret(2)])]);
    const error = await failing(b.node.connect(a.node.addresses()[0] as string));
    expect(error).toBe("network-mismatch");
    expect(a.heard.connected).toEqual([]);
    expect(b.heard.connected).toEqual([]);
  });
});

describe("secrets that follow each other", () => {
  it("PRIVATE-8 the newest that both have counts; one that is closed counts for nothing", async () => {
    const later = Date.now() + 60_000;
    const both = await member("tcp/0", [secret(1, later), secret(2)]);
    const behind = await member("tcp/0", [secret(1)]);
    await behind.node.connect(both.node.addresses()[0] as string);
    await until("both know each other", () => both.heard.connected.length === 1);

    const closed = await member("tcp/0", [secret(1, Date.now() - 1), secret(2)]);
    const late = await member("tcp/0", [secret(1)]);
    expect(await failing(late.node.connect(closed.node.addresses()[0] as string))).toBe(
      "network-mismatch",
    );
  });

  it("PRIVATE-9 whoever lacks the newest asks for it on the same connection, from either side", async () => {
    for (const newcomerDials of [true, false]) {
      const known = [secret(1)];
      const newer = await member("tcp/0", [secret(2)], {
        door: { answer: async () => Uint8Array.of(2) },
      });
      const behind = await member("tcp/0", known, {
        learn: async () => {
          known.push(secret(2));
          return true;
        },
      });
      const [from, to] = newcomerDials ? [behind, newer] : [newer, behind];
      await from.node.connect(to.node.addresses()[0] as string);
      await until("the newer one knows it", () => newer.heard.connected.length === 1);
      expect(newer.node.peers().map(({ peerId }) => peerId)).toEqual([behind.node.peerId]);
    }
  });

  it("PRIVATE-9 a key that the log tells of is asked of whoever has proven to be a member", async () => {
    const answering = await member("tcp/0", [secret(1)], {
      door: { answer: async () => Uint8Array.of(7) },
    });
    const learned: Uint8Array[] = [];
    const lacking = await member("tcp/0", [secret(1)], {
      lacksKey: () => learned.length === 0,
      learn: async (sealed) => learned.push(sealed) > 0,
    });
    await lacking.node.connect(answering.node.addresses()[0] as string);
    await until("it is told", () => learned.length > 0);
    expect(learned).toEqual([Uint8Array.of(7)]);
    expect(lacking.node.peers()).toHaveLength(1);
  });

  it("PRIVATE-10 whoever was removed is not let in, and connections of closed secrets end", async () => {
    const removed = new Set<string>();
    const secrets = [secret(1)];
    let changed = (): void => undefined;
    const a = await member("tcp/0", secrets, {
      isRemoved: (device) => removed.has(Buffer.from(device).toString("hex")),
      onChange: (listener) => (changed = listener),
    });
    const b = await member("tcp/0");
    await b.node.connect(a.node.addresses()[0] as string);
    await until("a knows b", () => a.heard.connected.length === 1);
    removed.add(Buffer.from(a.heard.connected[0]?.device ?? []).toString("hex"));
    changed();
    // At both ends: who has not noticed yet would take the old one for the connection that is asked for.
    await until("the connection has ended", () =>
      [a, b].every(({ heard }) => heard.disconnected.length === 1),
    );
    expect(await failing(b.node.connect(a.node.addresses()[0] as string))).toBe("network-mismatch");

    const c = await member("tcp/0");
    await c.node.connect(a.node.addresses()[0] as string);
    await until("a knows c", () => a.heard.connected.length === 2);
    secrets.splice(0, 1, secret(1, Date.now()), secret(2));
    changed();
    await until("the second has ended too", () => a.heard.disconnected.length === 2);
  });
});

describe("the outer fence", () => {
  it("PRIVATE-3 refuses what would pass beside it", async () => {
    for (const beside of [
      "/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ",
      "/ip4/1.2.3.4/udp/1/quic-v1",
      "/ip4/1.2.3.4/udp/1/quic-v1/webtransport",
    ]) {
      expect(passesOuterFence(multiaddr(beside)), beside).toBe(false);
      const { node } = await member("tcp/0");
      expect(await failing(node.connect(beside))).toBe("bad-address");
    }
    expect(passesOuterFence(multiaddr("/ip4/1.2.3.4/tcp/1/ws"))).toBe(true);
  });
});
