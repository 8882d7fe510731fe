import { expect, it } from "vitest";
import { TABLE } from "../../../../src/storage/keys.ts";
import { Writer } from "../../../support/events.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";

const COUNT = 4_096;
const TEXT_BYTES = 256;
const RATIO_MAX = 0.35;
const roomId = new Uint8Array(32).fill(1);

const EXPONENT = 1.35;
const SHIFT = 10;

/** Ranks by the law of Zipf and Mandelbrot, the same each time: r comes with a chance of about (r + SHIFT) ^ -EXPONENT. */
function* ranks(count: number): Generator<number> {
  const power = 1 - EXPONENT;
  const first = (1 + SHIFT) ** power;
  const last = (count + 1 + SHIFT) ** power;
  for (let state = 1; ;) {
    state = (Math.imul(state, 0x5851f42d) + 12_345) >>> 0;
    const at = first + (last - first) * (state / 2 ** 32);
    yield Math.min(count, Math.floor(at ** (1 / power) - SHIFT));
  }
}

/** Runs of letters, the frequent ones short. */
function* words(): Generator<string> {
  for (const rank of ranks(500_000))
    yield ` ${rank.toString(26).replaceAll(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)] as string)}`;
}

/** Words of two characters. */
function* han(): Generator<string> {
  for (const rank of ranks(40_000)) {
    const [first, second] = [rank * 7_919, rank * 104_729].map((number) =>
      Math.floor(3_500 ** ((number % 9_973) / 9_973)),
    );
    yield String.fromCharCode(0x4e00 + (first as number), 0x4e00 + (second as number));
  }
}

/** What the index has for each byte of the texts, keys and values as they are given to the database. */
async function ratio(parts: Generator<string>): Promise<number> {
  const { store, kv } = await openMemoryStore();
  const log = await store.room(roomId);
  const writer = new Writer(roomId, 1);
  let textBytes = 0;
  const events = Array.from({ length: COUNT }, (_, i) => {
    let text = "";
    while (Buffer.byteLength(text) < TEXT_BYTES) text += parts.next().value as string;
    textBytes += Buffer.byteLength(text);
    return writer.write(text, { moment: 2e14 + i * 4_096 * 30_000 });
  });
  await log.append(events.map((event) => ({ event, proof: "verified", counts: true })));
  while (await store.index.step(true));
  let bytes = 0;
  for (const table of [TABLE.terms, TABLE.places]) {
    const range = { gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1) };
    for (const [key, value] of await kv.entries(range)) bytes += key.length + value.length;
  }
  return bytes / textBytes;
}

it.each([
  ["short words", words],
  ["Chinese", han],
] as const)(
  "the index of %s takes no more than 0.35 of the texts, at a few thousand of them",
  async (_, parts) => {
    expect(await ratio(parts())).toBeLessThan(RATIO_MAX);
  },
);
