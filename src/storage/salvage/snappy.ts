/** Reads Snappy, which LevelDB packs its blocks with, and goes as far as the bytes allow. */
import { SALVAGE_BLOCK_MAX_BYTES } from "../../core/codec/limits.ts";
import { readVarint } from "./crc32c.ts";

/** What `packed` unpacks to; of a damaged one what comes before the first command that makes no sense. */
export function unpack(packed: Uint8Array): Uint8Array {
  const head = readVarint(packed, 0);
  if (!head || head[0] > SALVAGE_BLOCK_MAX_BYTES) return new Uint8Array(0);
  const [size, start] = head;
  const out = new Uint8Array(size);
  let to = 0;
  for (let at = start; at < packed.length && to < size;) {
    const command = commandAt(packed, at);
    const { length, distance, next } = command;
    if (to + length > size || distance > to) break;
    if (distance > 0) {
      for (let end = to + length; to < end; to++) out[to] = out[to - distance] as number;
      at = next;
    } else {
      if (!command.literal || next + length > packed.length) break;
      out.set(packed.subarray(next, next + length), to);
      to += length;
      at = next + length;
    }
  }
  return out.subarray(0, to);
}

interface Command {
  readonly literal: boolean;
  readonly length: number;
  /** How far back to copy from; 0 for a literal, whose bytes begin at `next`. */
  readonly distance: number;
  readonly next: number;
}

/** The command at a place; bytes that are missing read as 0. */
export function commandAt(packed: Uint8Array, at: number): Command {
  const tag = packed[at] ?? 0;
  const byte = (offset: number): number => packed[at + offset] ?? 0;
  switch (tag & 3) {
    case 0: {
      const short = tag >>> 2;
      const extra = short < 60 ? 0 : short - 59;
      let length = short;
      if (extra > 0) {
        length = 0;
        for (let i = extra; i > 0; i--) length = length * 0x100 + byte(i);
      }
      return { literal: true, length: length + 1, distance: 0, next: at + 1 + extra };
    }
    case 1: {
      const distance = ((tag >>> 5) << 8) | byte(1);
      return { literal: false, length: ((tag >>> 2) & 7) + 4, distance, next: at + 2 };
    }
    case 2: {
      const distance = byte(1) | (byte(2) << 8);
      return { literal: false, length: (tag >>> 2) + 1, distance, next: at + 3 };
    }
    default: {
      const distance = (byte(1) | (byte(2) << 8) | (byte(3) << 16)) + byte(4) * 2 ** 24;
      return { literal: false, length: (tag >>> 2) + 1, distance, next: at + 5 };
    }
  }
}
