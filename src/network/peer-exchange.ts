/**
 * Peers of peers, `/parley/peers/1`: a node asks those it is connected to for addresses of others in the same network. One
 * frame each way; everything in it is a hint that a dial has yet to prove (docs/spec/network.md).
 */
import { decodeCbor, encodeCbor } from "../core/codec/cbor.ts";
import { ADDRESS_MAX_BYTES, EXCHANGED_ADDRESSES_MAX_COUNT } from "../core/codec/limits.ts";
import type { FrameStream } from "../core/interfaces.ts";

export const PEERS_PROTOCOL = "/parley/peers/1";
/** Answering an empty frame costs little; waiting for one must end. */
const ANSWER_MAX_MS = 5_000;

/** Answers one question. @param addresses what may be told to this peer. */
export async function answerPeers(
  stream: FrameStream,
  addresses: readonly string[],
): Promise<void> {
  for await (const _ of stream.frames()) {
    await stream.send(encodeCbor(addresses.slice(0, EXCHANGED_ADDRESSES_MAX_COUNT)));
    break;
  }
  await stream.close();
}

/** Asks one peer. An answer that breaks the rules is nothing. */
export async function askPeers(stream: FrameStream): Promise<string[]> {
  const timer = setTimeout(() => stream.abort("no answer"), ANSWER_MAX_MS);
  timer.unref();
  try {
    await stream.send(encodeCbor([]));
    for await (const frame of stream.frames()) return readAddresses(frame);
    return [];
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
    await stream.close();
  }
}

function readAddresses(frame: Uint8Array): string[] {
  const value = decodeCbor(frame);
  if (!Array.isArray(value) || value.length > EXCHANGED_ADDRESSES_MAX_COUNT) return [];
  return value.filter(
    (item) => typeof item === "string" && item.length <= ADDRESS_MAX_BYTES,
  ) as string[];
}
