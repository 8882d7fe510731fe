/** The question of AutoNAT, from the side that asks: another node dials this one anew at an address, beside the connection there is. */
import type { Connection } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { concat } from "../core/codec/bytes.ts";
import { isParleyError } from "../core/codec/errors.ts";
import { DIAL_BACK_SEEN_MAX_MS, JOIN_TIMEOUT_MS } from "../core/codec/limits.ts";
import { ByteReader, ByteWriter } from "../core/codec/varint.ts";
import { exchange } from "./fence-exchange.ts";
import type { ParleyNode } from "./libp2p-node.ts";
import { deviceOf } from "./peer-id.ts";
import type { DialBack } from "./vouching.ts";

export const AUTONAT_PROTOCOL = "/libp2p/autonat/1.0.0";

// Of the library's messages (protobuf): numbers of fields, and what a response may say.
const [TYPE, DIAL, RESPONSE] = [1, 2, 3];
const [DIAL_PEER, PEER_ID, PEER_ADDRESS] = [1, 1, 2];
const [RESPONSE_STATUS, OK, DIAL_ERROR] = [1, 0, 100];

/** "came" only if it was seen to come: saying so costs nothing. @throws where the peer does not answer */
export async function askToDialBack(
  node: ParleyNode,
  connection: Connection,
  address: string,
): Promise<DialBack> {
  const { remotePeer } = connection;
  const device = deviceOf(remotePeer);
  if (!device) return "nothing";
  const coming = Promise.withResolvers<true>();
  const opened = ({ detail }: CustomEvent<Connection>): void => {
    const { direction, limits } = detail;
    if (direction === "inbound" && !limits && detail.remotePeer.equals(remotePeer))
      coming.resolve(true);
  };
  node.addEventListener("connection:open", opened);
  try {
    const stream = await connection.newStream(AUTONAT_PROTOCOL, {
      signal: AbortSignal.timeout(JOIN_TIMEOUT_MS),
    });
    const peer = { peerId: remotePeer.toString(), device };
    const question = encodeQuestion(node.peerId.toMultihash().bytes, multiaddr(address));
    const status = await exchange(peer, stream, async (frames, next) => {
      await frames.send(question);
      return readStatus(await next());
    });
    if (status === DIAL_ERROR) return "failed";
    if (status !== OK) return "nothing";
    const late = new Promise<false>((resolve) => {
      setTimeout(() => resolve(false), DIAL_BACK_SEEN_MAX_MS).unref();
    });
    return (await Promise.race([coming.promise, late])) ? "came" : "nothing";
  } finally {
    node.removeEventListener("connection:open", opened);
  }
}

function encodeQuestion(peerId: Uint8Array, address: Multiaddr): Uint8Array {
  const peer = concat(field(PEER_ID, peerId), field(PEER_ADDRESS, address.bytes));
  return concat(Uint8Array.of(TYPE << 3, 0), field(DIAL, field(DIAL_PEER, peer)));
}

/** A field of bytes. */
function field(number: number, value: Uint8Array): Uint8Array {
  const writer = new ByteWriter(value.length + 8);
  writer.varint((number << 3) | 2);
  writer.varint(value.length);
  writer.bytes(value);
  return writer.finish();
}

/** What was answered, or undefined where it is no answer. */
function readStatus(message: Uint8Array): number | undefined {
  try {
    const response = fieldsOf(message).get(RESPONSE);
    if (!(response instanceof Uint8Array)) return undefined;
    // What is not said is zero.
    const status = fieldsOf(response).get(RESPONSE_STATUS) ?? OK;
    return typeof status === "number" ? status : undefined;
  } catch (error) {
    if (isParleyError(error, "bad-bytes")) return undefined;
    throw error;
  }
}

/** Numbers and bytes: the messages have nothing else. @throws ParleyError `bad-bytes` */
function fieldsOf(message: Uint8Array): Map<number, number | Uint8Array> {
  const reader = new ByteReader(message);
  const fields = new Map<number, number | Uint8Array>();
  while (!reader.done) {
    const key = reader.varint();
    const value = key % 8 === 2 ? reader.bytes(reader.varint()) : reader.varint();
    fields.set(Math.floor(key / 8), value);
  }
  return fields;
}
