/** CRC-32C as LevelDB stores it: "masked", so that a checksum of data that holds checksums is no weaker. */

const POLYNOMIAL = 0x82f63b78;

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++)
    rest = (rest & 1) === 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** The running value of a checksum over nothing. */
export const CRC_START = -1;

/** The running value with one byte more. */
export function crcStep(running: number, byte: number): number {
  return (TABLE[(running ^ byte) & 0xff] as number) ^ (running >>> 8);
}

/** The stored form of a running value. */
export function crcMasked(running: number): number {
  const crc = ~running;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) | 0;
}

/** The stored form of the checksum of `bytes` from `start` up to and without `end`. */
export function crcOf(bytes: Uint8Array, start: number, end: number): number {
  let running = CRC_START;
  for (let at = start; at < end; at++) running = crcStep(running, bytes[at] as number);
  return crcMasked(running);
}

/** Four bytes as LevelDB stores a number, as a signed one. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** A base-128 number of at most 32 bits and where it ends; `undefined` where there is none. */
export function readVarint(bytes: Uint8Array, at: number): [number, number] | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at + i + 1];
  }
  return undefined;
}
