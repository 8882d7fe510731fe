/** The question of AutoNAT on the wire, and answers of every kind to it. */
import { randomBytes } from "node:crypto";
import type { Connection, Stream } from "@libp2p/interface";
import { afterEach, describe, expect, it } from "vitest";
import { concat } from "../../../src/core/codec/bytes.ts";
import { askToDialBack, AUTONAT_PROTOCOL } from "../../../src/network/dial-back.ts";
import { createNode, type ParleyNode } from "../../../src/network/libp2p-node.ts";
import { stopStrangers, stranger } from "../../support/fenced.ts";
import { until } from "../../support/transports.ts";

let running: ParleyNode | undefined;
afterEach(async () => {
  await running?.stop();
  await stopStrangers();
});

async function listening(): Promise<ParleyNode> {
  running = await createNode({
    deviceSeed: new Uint8Array(randomBytes(32)),
    networkName: `dial-back-${randomBytes(4).toString("hex")}`,
    listen: ["/ip4/127.0.0.1/tcp/0"],
    announce: [],
    localOnly: true,
  });
  await running.start();
  return running;
}

const OK = Uint8Array.of(6, 8, 1, 26, 2, 8, 0);
const DIAL_ERROR = Uint8Array.of(6, 8, 1, 26, 2, 8, 100);

describe("REACH-8 who is asked to dial this node", () => {
  it("has come only if it was seen to come, and has failed only if it says so", async () => {
    const node = await listening();
    const other = await stranger(undefined);
    const [address] = node.getMultiaddrs();
    if (!address) throw new Error("it does not listen");
    await other.dial(address);
    await until("both know it", () => node.getConnections().length === 1);
    const [connection] = node.getConnections();
    let answer = async (_stream: Stream, _connection: Connection): Promise<Uint8Array> => OK;
    const asked: Uint8Array[] = [];
    await other.handle(AUTONAT_PROTOCOL, (stream, from) => {
      stream.addEventListener("message", ({ data }) => {
        asked.push(data.subarray());
        void answer(stream, from).then((bytes) => stream.send(bytes));
      });
    });
    if (!connection) throw new Error("it is not connected");
    const ask = () => askToDialBack(node, connection, "/ip4/127.0.0.1/tcp/4001");

    expect(await ask()).toBe("nothing");
    // Its own id and the address, as bytes.
    const said = Buffer.from(concat(...asked)).toString("hex");
    expect(said).toContain(Buffer.from(node.peerId.toMultihash().bytes).toString("hex"));
    expect(said).toContain("047f000001060fa1");
    answer = async () => {
      await other.dial(address, { force: true });
      return OK;
    };
    expect(await ask()).toBe("came");
    answer = async () => DIAL_ERROR;
    expect(await ask()).toBe("failed");
    for (const noise of [
      Uint8Array.of(0),
      Uint8Array.of(2, 8, 1),
      Uint8Array.of(4, 26, 200, 8, 0),
      Uint8Array.of(6, 8, 1, 26, 2, 8, 101),
      Uint8Array.of(6, 8, 1, 26, 2, 255, 255),
    ]) {
      answer = async () => noise;
      expect(await ask(), String(noise)).toBe("nothing");
    }
  });
});
