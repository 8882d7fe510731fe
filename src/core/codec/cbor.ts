/**
 * The deterministic subset of CBOR (RFC 8949 §4.2) that parley speaks: unsigned integers up to 2^53 - 1, byte
 * strings, UTF-8 text, arrays, null, false and true; definite lengths, shortest forms, nothing else. Each value has
 * exactly one encoding, and the decoder takes no other (docs/spec/cbor.md).
 */
import { fromUtf8, utf8 } from "./bytes.ts";
import { ParleyError } from "./errors.ts";
import { CBOR_DEPTH_MAX_COUNT } from "./limits.ts";
import { ByteReader, ByteWriter } from "./varint.ts";

export type CborValue = number | string | boolean | null | Uint8Array | CborValue[];

export const MAJOR_UINT = 0;
export const MAJOR_BYTES = 2;
export const MAJOR_TEXT = 3;
export const MAJOR_ARRAY = 4;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;

/** One buffer for everything encoded: nothing here waits, so nobody else can be using it. */
const scratch = new ByteWriter(1024);

/** @throws ParleyError `bad-cbor` for a value outside the subset: a mistake of the caller. */
export function encodeCbor(value: CborValue): Uint8Array {
  scratch.reset();
  writeCbor(scratch, value);
  return scratch.finish();
}

/** Decodes exactly one value that fills `bytes`. Byte strings are views of the input. @throws ParleyError `bad-cbor` */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new ByteReader(bytes);
  try {
    const value = readCbor(reader, 0);
    if (!reader.done) throw bad("bytes after the end");
    return value;
  } catch (error) {
    if (error instanceof ParleyError && error.code !== "bad-cbor") throw bad(error.message);
    throw error;
  }
}

/** Writes the head of an item: major type and argument in the shortest form. */
export function writeHead(writer: ByteWriter, major: number, argument: number): void {
  const type = major << 5;
  if (argument < 24) {
    writer.byte(type | argument);
  } else if (argument < 0x100) {
    writer.byte(type | 24);
    writer.byte(argument);
  } else if (argument < 0x10000) {
    writer.byte(type | 25);
    writer.uint16(argument);
  } else if (argument < 0x100000000) {
    writer.byte(type | 26);
    writer.uint32(argument);
  } else {
    writer.byte(type | 27);
    writer.uint32(Math.floor(argument / 0x100000000));
    writer.uint32(argument % 0x100000000);
  }
}

/** Reads a head of the wanted major type; its argument. @throws ParleyError `bad-cbor` */
export function readHead(reader: ByteReader, major: number): number {
  const first = reader.byte();
  if (first >> 5 !== major) throw bad("a value of another type than expected");
  return readArgument(reader, first & 31);
}

function readArgument(reader: ByteReader, info: number): number {
  if (info < 24) return info;
  if (info > 27) throw bad("an indefinite length or a reserved form");
  const size = 1 << (info - 24);
  let value = 0;
  for (const byte of reader.bytes(size)) value = value * 0x100 + byte;
  const shortest = size === 1 ? 24 : 2 ** (4 * size);
  if (value < shortest) throw bad("a number that is not in its shortest form");
  if (!Number.isSafeInteger(value)) throw bad("a number above 2^53 - 1");
  return value;
}

/** Writes behind what a writer holds. @throws ParleyError `bad-cbor` */
export function writeCbor(writer: ByteWriter, value: CborValue): void {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0) throw bad("only integers from 0 to 2^53 - 1");
    writeHead(writer, MAJOR_UINT, value);
  } else if (typeof value === "string") {
    const bytes = utf8(value);
    writeHead(writer, MAJOR_TEXT, bytes.length);
    writer.bytes(bytes);
  } else if (value === null) {
    writer.byte(NULL);
  } else if (typeof value === "boolean") {
    writer.byte(value ? TRUE : FALSE);
  } else if (value instanceof Uint8Array) {
    writeHead(writer, MAJOR_BYTES, value.length);
    writer.bytes(value);
  } else {
    writeHead(writer, MAJOR_ARRAY, value.length);
    for (const item of value) writeCbor(writer, item);
  }
}

function readCbor(reader: ByteReader, depth: number): CborValue {
  if (depth > CBOR_DEPTH_MAX_COUNT) throw bad("arrays nested too deep");
  const first = reader.byte();
  if (first === NULL) return null;
  if (first === TRUE) return true;
  if (first === FALSE) return false;
  const major = first >> 5;
  if (
    major !== MAJOR_UINT &&
    major !== MAJOR_BYTES &&
    major !== MAJOR_TEXT &&
    major !== MAJOR_ARRAY
  ) {
    throw bad("a type that parley does not use");
  }
  const argument = readArgument(reader, first & 31);
  if (major === MAJOR_UINT) return argument;
  if (major === MAJOR_BYTES) return reader.bytes(argument);
  if (major === MAJOR_TEXT) return fromUtf8(reader.bytes(argument));
  // An item takes at least a byte: a length beyond the rest is refused before anything is allocated.
  if (argument > reader.remaining) throw bad("an array longer than the bytes");
  const items: CborValue[] = [];
  for (let i = 0; i < argument; i++) items.push(readCbor(reader, depth + 1));
  return items;
}

function bad(what: string): ParleyError {
  return new ParleyError("bad-cbor", `Not deterministic CBOR: ${what}.`);
}
