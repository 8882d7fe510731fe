/** The file in which other libp2p programs keep the key of a private network: `swarm.key`. */
import { fromHex, toHex } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";

const HEAD = "/key/swarm/psk/1.0.0/";
const CODEC = "/base16/";

/** The file of a key of 32 bytes. */
export function encodeSwarmKey(key: Uint8Array): string {
  return `${HEAD}\n${CODEC}\n${toHex(key)}\n`;
}

/** The key in a file. @throws ParleyError `bad-swarm-key` */
export function decodeSwarmKey(text: string): Uint8Array {
  const [head, codec, key = "", ...more] = text.trim().split(/\s*\n\s*/);
  if (head === HEAD && codec === CODEC && more.length === 0 && /^[0-9a-f]{64}$/i.test(key))
    return fromHex(key);
  throw new ParleyError("bad-swarm-key", "That is not a swarm.key.", {
    hint: `It has three lines: ${HEAD}, ${CODEC} and 64 hex digits.`,
  });
}
