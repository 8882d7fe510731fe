/** SHA-256, HMAC and HKDF by the platform's one-shot hash: an object of the platform for each costs several times as much. */
import { createHmac, hash } from "node:crypto";

const HASH_BYTES = 32;
const BLOCK_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;

/** Longer data is not copied behind a key. */
const COPIED_MAX_BYTES = 4_096;
/** Key and data side by side: nothing here waits, so nobody else can be using it. */
const inner = new Uint8Array(BLOCK_BYTES + COPIED_MAX_BYTES);
const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES);

/** 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return bytesOf(hash("sha256", data, "latin1"));
}

/** RFC 2104, 32 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.length > COPIED_MAX_BYTES) {
    const digest = createHmac("sha256", key).update(data).digest();
    return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
  }
  const short = key.length > BLOCK_BYTES ? sha256(key) : key;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = short[i] ?? 0;
    inner[i] = byte ^ INNER;
    outer[i] = byte ^ OUTER;
  }
  inner.set(data, BLOCK_BYTES);
  const end = BLOCK_BYTES + data.length;
  write(hash("sha256", inner.subarray(0, end), "latin1"), outer, BLOCK_BYTES);
  const code = bytesOf(hash("sha256", outer, "latin1"));
  inner.fill(0, 0, end);
  outer.fill(0);
  return code;
}

/** RFC 5869. */
export function hkdfSha256(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  lengthBytes: number,
): Uint8Array {
  const extracted = hmacSha256(salt, secret);
  const out = new Uint8Array(lengthBytes);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, count = 1; at < lengthBytes; at += HASH_BYTES, count++) {
    const data = new Uint8Array(block.length + info.length + 1);
    data.set(block);
    data.set(info, block.length);
    data[data.length - 1] = count;
    block = hmacSha256(extracted, data);
    out.set(block.subarray(0, lengthBytes - at), at);
  }
  return out;
}

/** The bytes of a short text of them: half as dear as a Buffer from the platform, whose memory lies outside the heap. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  write(text, bytes, 0);
  return bytes;
}

function write(text: string, to: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) to[at + i] = text.charCodeAt(i);
}
