/** The inner fence on a connection that the outer one does not wrap: over WebRTC, even if its doors had been left open. */
import { networkInterfaces } from "node:os";
import type { Connection } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { afterEach, describe, expect, it } from "vitest";
import { componentsOf } from "../../../src/network/components.ts";
import type { ParleyNode } from "../../../src/network/libp2p-node.ts";
import { bare, listenIn, OPEN_PROTOCOLS, stopBare } from "../../support/bare-members.ts";
import { outerKey, secret, stopStrangers, stranger } from "../../support/fenced.ts";
import { needs } from "../../support/skips.ts";
import { until } from "../../support/transports.ts";

afterEach(async () => {
  await stopBare();
  await stopStrangers();
});

/** Takes the fence away from one protocol, as a mistake of a later version might. Returns what puts it back. */
function leaveOpen(node: ParleyNode, open: string): () => void {
  const { registrar } = componentsOf(node);
  const fenced = registrar.getMiddleware;
  registrar.getMiddleware = (protocol) => (protocol === open ? [] : fenced(protocol));
  return () => void (registrar.getMiddleware = fenced);
}

const isWebRtc = ({ remoteAddr }: Connection): boolean =>
  remoteAddr.getComponents().some(({ name }) => name === "webrtc");

const isOnNetwork = (): boolean =>
  Object.values(networkInterfaces()).some((list) => list?.some(({ internal }) => !internal));

/** Where a node can be dialled by WebRTC through a relay that it knows, once it keeps a place there. */
async function placeOf(node: ParleyNode): Promise<Multiaddr> {
  const placed = () =>
    node
      .getMultiaddrs()
      .map(String)
      .find((it) => it.includes("/p2p-circuit"));
  await until("it keeps a place", () => placed() !== undefined);
  return multiaddr((placed() as string).replace("/p2p-circuit/", "/p2p-circuit/webrtc/"));
}

/** Speaks on every one of these protocols, and waits until the other side has understood what is spoken. */
async function speak(connection: Connection, theirs: () => Connection | undefined, all: string[]) {
  const answered: string[] = [];
  for (const protocol of all) {
    const stream = await connection.newStream(protocol);
    stream.addEventListener("message", () => answered.push(protocol));
    stream.send(Uint8Array.of(2, 8, 0));
  }
  await until("all of them are understood", () => {
    const waiting = theirs()?.streams.map(({ protocol }) => protocol) ?? [];
    return all.every((protocol) => waiting.includes(protocol));
  });
  // What it is answered shows that the way itself carries words.
  const pinged = await connection.newStream("/ipfs/ping/1.0.0");
  const back = new Promise((resolve) => pinged.addEventListener("message", resolve));
  pinged.send(new Uint8Array(32));
  await back;
  return answered;
}

describe("over WebRTC", () => {
  it("PRIVATE-6 who has the outer key alone is answered by four protocols and no other", async (context) => {
    // Without one WebRTC finds no way between two.
    needs(context, isOnNetwork(), "address");
    const { node: relay } = await bare([secret(1)], true);
    leaveOpen(relay, "/libp2p/circuit/relay/0.2.0/hop");
    const { node, relays } = await bare([secret(1)], false);
    const closeSignaling = leaveOpen(node, "/webrtc-signaling/0.0.1");
    relays.found(await node.dial(relay.getMultiaddrs()));
    const place = await placeOf(node);
    const { spoken, reached } = listenIn(node, isWebRtc);
    const closed = spoken.filter((protocol) => !OPEN_PROTOCOLS.includes(protocol));
    expect(closed.length).toBeGreaterThan(3);

    const other = await stranger(outerKey);
    const connection = await other.dial(place);
    expect(isWebRtc(connection)).toBe(true);
    closeSignaling();
    const theirs = () => node.getConnections(other.peerId).find(isWebRtc);
    const answered = await speak(connection, theirs, closed);
    expect(reached.has("/ipfs/ping/1.0.0")).toBe(true);
    expect([...reached].filter((it) => closed.includes(it))).toEqual([]);
    expect(answered).toEqual([]);
  });

  it.for([
    {
      who: "who has missed a rotation is answered by the same four, and then by none",
      missed: true,
    },
    { who: "who has not is answered by all", missed: false },
  ])("PRIVATE-6 PRIVATE-7 PRIVATE-8 a member $who", async ({ missed }, context) => {
    needs(context, isOnNetwork(), "address");
    const both = [secret(1, Date.now() + 600_000), secret(2)];
    const { node: relay } = await bare(both, true);
    const ours = [...both];
    const { node, relays } = await bare(ours, false);
    await node.handle("/parley/sync/1", () => undefined);
    relays.found(await node.dial(relay.getMultiaddrs()));
    const place = await placeOf(node);
    const { registrar } = componentsOf(node);
    const signaling = registrar.getHandler("/webrtc-signaling/0.0.1");
    const { handler } = signaling;
    signaling.handler = (...given) => {
      // They are members to each other still: now the time of the first secret is over on this side.
      if (missed) ours.splice(0, 2, secret(2));
      return handler(...given);
    };
    const { spoken, reached } = listenIn(node, isWebRtc);
    const closed = spoken.filter((protocol) => !OPEN_PROTOCOLS.includes(protocol));
    expect(closed).toContain("/parley/sync/1");
    expect(closed.some((protocol) => protocol.startsWith("/meshsub/"))).toBe(true);

    // Before it refuses, the node asks the other for what it may itself lack: as long as that takes all is open between them.
    const asked = Promise.withResolvers<"not-a-member">();
    const { node: other } = await bare([secret(1)], false, {
      door: { answer: () => asked.promise },
    });
    await other.dial(relay.getMultiaddrs());
    // It means to get in: nothing waits on its side.
    componentsOf(other).registrar.getMiddleware = () => [];
    const connection = await componentsOf(other).transportManager.dial(place);
    const theirs = () => node.getConnections(other.peerId).find(isWebRtc);
    const answered = await speak(connection, theirs, closed);
    if (!missed)
      return until("all are reached", () => closed.every((protocol) => reached.has(protocol)));
    expect(reached.has("/parley/net/1")).toBe(true);
    expect([...reached].filter((it) => closed.includes(it))).toEqual([]);
    expect(answered).toEqual([]);
    asked.resolve("not-a-member");
    await until("it is over at both ends", () => {
      return connection.status !== "open" && theirs() === undefined;
    });
    expect([...reached].filter((it) => closed.includes(it))).toEqual([]);
  });
});
