/** The inner fence on a connection that the outer one does not wrap: over WebRTC, even if its doors had been left open. */
import { networkInterfaces } from "node:os";
import type { Connection } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
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

/** On a busy machine what looks for a way between two does not always find it in the six seconds a dial has. */
async function dialled(node: Pick<ParleyNode, "dial">, address: string): Promise<Connection> {
  for (let tries = 1; ; tries++) {
    try {
      return await node.dial(multiaddr(address));
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
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
    const placed = () =>
      node
        .getMultiaddrs()
        .map(String)
        .find((it) => it.includes("/p2p-circuit"));
    await until("it keeps a place", () => placed() !== undefined);
    const { spoken, reached } = listenIn(node, isWebRtc);
    const closed = spoken.filter((protocol) => !OPEN_PROTOCOLS.includes(protocol));
    expect(closed.length).toBeGreaterThan(3);

    const other = await stranger(outerKey);
    const over = (placed() as string).replace("/p2p-circuit/", "/p2p-circuit/webrtc/");
    const connection = await dialled(other, over);
    expect(isWebRtc(connection)).toBe(true);
    closeSignaling();
    const answered: string[] = [];
    for (const protocol of closed) {
      const stream = await connection.newStream(protocol);
      stream.addEventListener("message", () => answered.push(protocol));
      stream.send(Uint8Array.of(2, 8, 0));
    }
    const theirs = () => node.getConnections(other.peerId).find(isWebRtc);
    await until("all of them are understood, and wait", () => {
      const waiting = theirs()?.streams.map(({ protocol }) => protocol) ?? [];
      return closed.every((protocol) => waiting.includes(protocol));
    });
    // What it is answered shows that the way itself carries words.
    const pinged = await connection.newStream("/ipfs/ping/1.0.0");
    const back = new Promise((resolve) => pinged.addEventListener("message", resolve));
    pinged.send(new Uint8Array(32));
    await back;
    expect(reached.has("/ipfs/ping/1.0.0")).toBe(true);
    expect([...reached].filter((it) => closed.includes(it))).toEqual([]);
    expect(answered).toEqual([]);
  });
});
