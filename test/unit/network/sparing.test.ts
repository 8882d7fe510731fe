/** What nodes leave unsaid, because saying it would cost more than what was meant. */
import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PeerExchange } from "../../../src/network/peer-exchange.ts";
import { startNode, stopNodes, until } from "../../support/transports.ts";

const FRAMES = 1_000;
/** A frame of yamux without data, encrypted. */
const EMPTY_FRAME_BYTES = 30;

const accepted: Socket[] = [];
const take = (message: unknown): void => void accepted.push((message as { socket: Socket }).socket);

afterEach(async () => {
  vi.restoreAllMocks();
  unsubscribe("net.server.socket", take);
  accepted.length = 0;
  await stopNodes();
});

describe("a reader", () => {
  it("does not answer each small frame with one that opens the window again, and is written each frame as a whole", async () => {
    subscribe("net.server.socket", take);
    const networkName = `test-${randomBytes(6).toString("hex")}`;
    const reader = await startNode({ networkName });
    const { node } = await startNode({ networkName, listen: [] });
    await node.connect(reader.node.addresses()[0] as string);
    const stream = await node.open(reader.node.peerId);
    await stream.send(new Uint8Array(100));
    await until("the stream has come", () => reader.heard.streams.length === 1);
    const saidBytes = (): number =>
      accepted.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    const before = saidBytes();
    const writes = vi.spyOn(Socket.prototype, "write");
    let read = 0;
    const reading = (async () => {
      for await (const _ of reader.heard.streams[0]?.frames() ?? []) read += 1;
    })();
    // One after the other, as words of a chat come.
    for (let i = 1; i < FRAMES; i++) {
      await stream.send(new Uint8Array(100));
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until("all is read", () => read === FRAMES);
    expect(writes.mock.calls.length).toBeLessThan(1.5 * FRAMES);
    expect(saidBytes() - before).toBeLessThan((FRAMES * EMPTY_FRAME_BYTES) / 4);
    await stream.close();
    await reading;
  });
});

describe("whoever has connections enough", () => {
  it("NETWORK-6 asks for peers of peers rarely, and everybody else soon", () => {
    const peerId = { toString: () => "somebody" };
    const delayMs = (isSated: boolean): number => {
      const delays: number[] = [];
      const exchange = new PeerExchange({
        random: { bytes: (length) => new Uint8Array(length) },
        names: (protocol) => [protocol],
        connectionTo: () => undefined,
        found: () => undefined,
        isSated: () => isSated,
        later: (delay) => void delays.push(delay),
      });
      exchange.ask(peerId as Parameters<PeerExchange["ask"]>[0]);
      return delays[0] ?? 0;
    };
    expect(delayMs(false)).toBeLessThan(1_000);
    expect(delayMs(true)).toBeGreaterThan(60_000);
  });
});

describe("whom twelve know, and who know nobody else", () => {
  it("hands messages to all of them directly, few as it looks for itself", async () => {
    const networkName = `test-${randomBytes(6).toString("hex")}`;
    const { node: hub } = await startNode({ networkName });
    hub.join("room", () => "accept");
    const heard = new Set<number>();
    for (let i = 0; i < 12; i++) {
      const { node } = await startNode({ networkName, listen: [] });
      node.join("room", () => {
        heard.add(i);
        return "accept";
      });
      await node.connect(hub.addresses()[0] as string);
    }
    await until("all are in the mesh", () => hub.mesh?.("room") === 12);
    await hub.publish("room", new Uint8Array(100));
    await until("all have heard", () => heard.size === 12);
  });
});
