/** What a node of a private network answers to who has the outer key alone, of all that it speaks and might speak. */
import { randomBytes } from "node:crypto";
import { multiaddr } from "@multiformats/multiaddr";
import { PROOF_NONCE_BYTES, proofHello } from "../../src/core/network/proof.ts";
import { NET_PROTOCOL } from "../../src/network/fence.ts";
import { Libp2pFrameStream } from "../../src/network/frame-stream.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { stranger } from "./fenced.ts";
import { until } from "./parley.ts";

const PING = "/ipfs/ping/1.0.0";
/** As much as a ping has; to other protocols it is a frame that says nothing, or the beginning of one. */
const noise = new Uint8Array(32).fill(1);

export interface Doors {
  /** What it says it speaks. */
  readonly named: string[];
  /** What of it, and of `more`, was answered with as much as a byte. */
  readonly answered: string[];
}

/** @param more protocols to be tried that it may keep to itself */
export async function doorsOf(
  address: string,
  outerKey: Uint8Array,
  more: readonly string[],
): Promise<Doors> {
  const node = await stranger(outerKey);
  try {
    const connection = await node.dial(multiaddr(address));
    const spoken = async (): Promise<string[]> =>
      (await node.peerStore.get(connection.remotePeer).catch(() => undefined))?.protocols ?? [];
    await until("it says what it speaks", async () => (await spoken()).length > 3);
    const named = await spoken();
    const answered = new Set<string>();
    let pings = 0;
    const ask = async (protocol: string) => {
      const stream = await connection.newStream(protocol).catch(() => undefined);
      stream?.addEventListener("message", () => {
        answered.add(protocol);
        if (protocol === PING) pings++;
      });
      return stream;
    };
    const later = new Set([PING, NET_PROTOCOL]);
    for (const protocol of new Set([...named, ...more]))
      if (!later.has(protocol)) (await ask(protocol))?.send(noise);
    // By the time that these are answered, the others would have been.
    const ping = await ask(PING);
    for (let i = 1; i <= 3; i++) {
      ping?.send(noise);
      await until("it answers a ping", () => pings === i);
    }
    // Last, because it ends the connection: nothing is in common.
    const proof = await ask(NET_PROTOCOL);
    const nobody = new Uint8Array(32);
    const hello = proofHello(
      nodeCrypto,
      [],
      { dialler: nobody, listener: nobody },
      new Uint8Array(randomBytes(PROOF_NONCE_BYTES)),
    );
    if (proof) await new Libp2pFrameStream(proof, "", nobody).send(hello);
    await until("it says that nothing is in common", () => answered.has(NET_PROTOCOL));
    return { named: named.sort(), answered: [...answered].sort() };
  } finally {
    await node.stop();
  }
}
