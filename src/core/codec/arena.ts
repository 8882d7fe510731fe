/**
 * Memory for what is short and needed for a moment: keys and values on their way into the database, texts that were just opened.
 * A small array of its own lives inside the JavaScript heap and is moved out of it when native code looks at it, a longer one is
 * asked of the system; both cost more than a piece of a large one, which is where it will stay.
 */
const CHUNK_BYTES = 64 * 1024;

let chunk = new ArrayBuffer(CHUNK_BYTES);
let used = 0;

/** Zeroed bytes that nobody else writes to. They keep their neighbours alive, so they are not to be kept for long. */
export function allocate(lengthBytes: number): Uint8Array {
  if (lengthBytes > CHUNK_BYTES / 4) return new Uint8Array(lengthBytes);
  if (used + lengthBytes > CHUNK_BYTES) {
    chunk = new ArrayBuffer(CHUNK_BYTES);
    used = 0;
  }
  const piece = new Uint8Array(chunk, used, lengthBytes);
  used += lengthBytes;
  return piece;
}
