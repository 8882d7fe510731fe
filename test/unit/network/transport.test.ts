import { createServer } from "node:net";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../src/core/codec/bytes.ts";
import type { Verdict } from "../../../src/core/interfaces.ts";
import { networkMark } from "../../../src/network/libp2p-node.ts";
import { needs } from "../../support/skips.ts";
import { hearing, inRoom, startNode, stopNodes, until } from "../../support/transports.ts";

afterEach(stopNodes);

const newNetwork = (): string => `test-${randomBytes(6).toString("hex")}`;

describe.each([["tcp"], ["tcp/ws"]])("gossip over %s", (_kind) => {
  it("NETWORK-7 reaches both ways within a room, and says to how many it was handed", async () => {
    const networkName = newNetwork();
    const listen = [_kind === "tcp" ? "/ip4/127.0.0.1/tcp/0" : "/ip4/127.0.0.1/tcp/0/ws"];
    const a = await startNode({ networkName, listen });
    const b = await startNode({ networkName, listen });
    const heard: string[] = [];
    a.node.join("room", hearing(heard, "a:"));
    b.node.join("room", hearing(heard, "b:"));
    expect(await a.node.publish("room", utf8("nobody"))).toEqual({ recipients: 0 });
    const peer = await a.node.connect(b.node.addresses()[0] as string);
    expect(peer).toMatchObject({ peerId: b.node.peerId, how: "machine", direction: "outbound" });
    await inRoom(a.node, "room");
    await inRoom(b.node, "room");
    expect(await a.node.publish("room", utf8("hello"))).toEqual({ recipients: 1 });
    expect(await b.node.publish("room", utf8("hi"))).toEqual({ recipients: 1 });
    await until("both have heard", () => heard.length === 2);
    expect(heard.sort()).toEqual(["a:hi", "b:hello"]);
    await until("the latency is known", () => a.node.peers()[0]?.latencyMs !== undefined);
  });
});

describe("a validator's verdict", () => {
  it("NETWORK-7 on a message in one room says nothing of the same bytes in another", async () => {
    const networkName = newNetwork();
    const [author, thief, hearer] = await Promise.all([
      startNode({ networkName, listen: [] }),
      startNode({ networkName, listen: [] }),
      startNode({ networkName }),
    ]);
    const heard: string[] = [];
    author.node.join("room", () => "accept");
    thief.node.join("other", () => "accept");
    hearer.node.join("room", hearing(heard, "room:"));
    hearer.node.join("other", (data) => (hearing(heard, "other:")(data, ""), "ignore"));
    for (const { node } of [author, thief])
      await node.connect(hearer.node.addresses()[0] as string);
    await inRoom(author.node, "room");
    await inRoom(thief.node, "other");
    await thief.node.publish("other", utf8("hello"));
    await until("the copy has come first", () => heard.length === 1);
    await author.node.publish("room", utf8("hello"));
    await until("the message has come", () => heard.length === 2);
    expect(heard).toEqual(["other:hello", "room:hello"]);
  });

  it("NETWORK-7 decides what is forwarded", async () => {
    const networkName = newNetwork();
    // Two that do not listen cannot dial each other, as peers of peers would: what c hears has passed b.
    const [a, b, c] = await Promise.all([
      startNode({ networkName, listen: [] }),
      startNode({ networkName }),
      startNode({ networkName, listen: [] }),
    ]);
    const heard: string[] = [];
    const verdicts: Record<string, Verdict> = {
      good: "accept",
      meh: "ignore",
      bad: "reject",
      last: "accept",
    };
    a.node.join("room", () => "accept");
    b.node.join("room", (data) => verdicts[fromUtf8(data)] ?? "ignore");
    c.node.join("room", (data) => (heard.push(fromUtf8(data)), "accept"));
    await a.node.connect(b.node.addresses()[0] as string);
    await c.node.connect(b.node.addresses()[0] as string);
    // A router takes a newcomer into its mesh at the latest at its next heartbeat (1 s); what comes before is not
    // forwarded to it. The way is open once one probe has passed.
    let probes = 0;
    await until("b forwards to c", async () => {
      verdicts[`probe ${++probes}`] = "accept";
      await a.node.publish("room", utf8(`probe ${probes}`));
      return heard.length > 0;
    });
    for (const text of ["good", "meh", "bad", "last"]) await a.node.publish("room", utf8(text));
    await until("the last has come", () => heard.includes("last"));
    expect(heard.filter((text) => !text.startsWith("probe"))).toEqual(["good", "last"]);
  });
});

describe("streams", () => {
  it("NETWORK-1 carry 20 MB to a slow reader without buffering it all", async () => {
    const networkName = newNetwork();
    const a = await startNode({ networkName });
    const b = await startNode({ networkName });
    await a.node.connect(b.node.addresses()[0] as string);
    const stream = await a.node.open(b.node.peerId);
    const frame = new Uint8Array(64 * 1024).fill(7);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 320; sent++) await stream.send(frame);
      await stream.close();
    })();
    await until("the other side has the stream", () => b.heard.streams.length === 1);
    const incoming = b.heard.streams[0];
    expect(incoming?.peerId).toBe(a.node.peerId);
    let received = 0;
    for await (const part of incoming?.frames() ?? []) {
      expect(part.length).toBe(frame.length);
      received++;
      expect(sent - received).toBeLessThan(200);
      if (received % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await sending;
    expect(received).toBe(320);
  });

  it("NETWORK-1 a reader that stops again and again keeps the sender waiting, and is never cut", async () => {
    const networkName = newNetwork();
    const a = await startNode({ networkName });
    const b = await startNode({ networkName });
    await a.node.connect(b.node.addresses()[0] as string);
    const stream = await a.node.open(b.node.peerId);
    const frame = new Uint8Array(64 * 1024).fill(7);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 320; sent++) await stream.send(frame);
      await stream.close();
    })();
    await until("the other side has the stream", () => b.heard.streams.length === 1);
    let received = 0;
    for await (const part of b.heard.streams[0]?.frames() ?? []) {
      expect(part.length).toBe(frame.length);
      if (++received % 3 !== 0) continue;
      let before = -1;
      let still = 0;
      await until("nothing more is sent", () => {
        still = sent === before ? still + 1 : 0;
        before = sent;
        return still === 5;
      });
      // 1 MiB under way, as much read ahead, and what the sender's own buffer takes.
      expect(sent - received).toBeLessThan(80);
    }
    await sending;
    expect(received).toBe(320);
  });
});

describe("connect", () => {
  it("NETWORK-4 NETWORK-9 says what is wrong", async () => {
    const networkName = newNetwork();
    const a = await startNode({ networkName });
    const b = await startNode({ networkName });
    const c = await startNode({ networkName });
    await expect(a.node.connect("nonsense")).rejects.toMatchObject({ code: "bad-address" });
    await expect(a.node.connect(a.node.addresses()[0] as string)).rejects.toMatchObject({
      code: "self-dial",
    });
    await expect(a.node.connect("/ip4/203.0.113.5/tcp/41733")).rejects.toMatchObject({
      code: "local-only",
    });
    const wrong = `${(b.node.addresses()[0] as string).split("/p2p/")[0]}/p2p/${c.node.peerId}`;
    await expect(a.node.connect(wrong)).rejects.toMatchObject({ code: "wrong-peer" });
    const address = b.node.addresses()[0] as string;
    await b.node.stop();
    await expect(a.node.connect(address)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^Nobody answers at 127\.0\.0\.1:\d+\.$/),
    });
  });
});

describe("finding each other", () => {
  it("NETWORK-2 NETWORK-5 two nodes with the same runtime folder meet, those of another network do not", async () => {
    const runtimeDir = await mkdtemp(join(tmpdir(), "parley-run-"));
    const networkName = newNetwork();
    const a = await startNode({ networkName, runtimeDir });
    const other = await startNode({ networkName: newNetwork(), runtimeDir });
    const b = await startNode({ networkName, runtimeDir });
    await until("a and b meet", () => a.node.peers().length === 1 && b.node.peers().length === 1);
    expect(other.node.peers()).toEqual([]);
    await stopNodes();
    await rm(runtimeDir, { recursive: true });
  });

  it("NETWORK-5 strange things in the runtime folder stop nobody", async (context) => {
    needs(context, process.platform !== "win32", "pipes");
    const runtimeDir = await mkdtemp(join(tmpdir(), "parley-run-"));
    const networkName = newNetwork();
    const named = (name: string): string =>
      join(runtimeDir, `${networkMark(networkName)}.${name}.node`);
    execFileSync("mkfifo", [named("pipe")]);
    await mkdir(named("folder"));
    await symlink("/dev/zero", named("link"));
    await writeFile(named("long"), "x".repeat(100_000));
    await writeFile(named("cut"), '{"pid":1,"addresses":["/ip4/');
    const a = await startNode({ networkName, runtimeDir });
    const b = await startNode({ networkName, runtimeDir });
    await until("a and b meet", () => a.node.peers().length === 1 && b.node.peers().length === 1);
    await stopNodes();
    await rm(runtimeDir, { recursive: true });
  });

  it("NETWORK-6 a peer of a peer is found", async () => {
    const networkName = newNetwork();
    const [a, b, c] = await Promise.all([
      startNode({ networkName }),
      startNode({ networkName }),
      startNode({ networkName }),
    ]);
    await b.node.connect(c.node.addresses()[0] as string);
    await a.node.connect(b.node.addresses()[0] as string);
    await until("a meets c", () => a.node.peers().some(({ peerId }) => peerId === c.node.peerId));
  });

  it("NETWORK-3 a peer that restarts is dialled again, from a saved address too", async () => {
    const networkName = newNetwork();
    const deviceSeed = new Uint8Array(randomBytes(32));
    const a = await startNode({ networkName });
    const b = await startNode({ networkName, deviceSeed });
    await a.node.connect(b.node.addresses()[0] as string);
    await until(
      "the address is remembered on both sides",
      () => a.heard.remembered.length > 0 && b.heard.remembered.length > 0,
    );
    await b.node.stop();
    await until("a has noticed", () => a.node.peers().length === 0);
    const again = await startNode({
      networkName,
      deviceSeed,
      savedPeers: async () => b.heard.remembered,
    });
    await until("they meet again", () => again.node.peers().length === 1);
  });

  it("NETWORK-8 a taken port is replaced for this run, and said", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { node, heard } = await startNode({
      networkName: newNetwork(),
      listen: [`/ip4/127.0.0.1/tcp/${port}`],
    });
    expect(heard.notices).toMatchObject([{ code: "port-taken" }]);
    expect(node.addresses()).toHaveLength(1);
    server.close();
  });

  it("NETWORK-8 an address that is none of this machine's is refused in a sentence", async () => {
    const elsewhere = { networkName: newNetwork(), localOnly: false };
    await expect(
      startNode({ ...elsewhere, listen: ["/ip4/192.0.2.1/tcp/41733"] }),
    ).rejects.toMatchObject({ code: "bad-address", message: expect.stringContaining("192.0.2.1") });
  });
});
