import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { LOWEST } from "../../../../src/core/log/order.ts";
import type { Bound, Position, Range, RangeSum } from "../../../../src/core/log/types.ts";
import { decodeNegentropy } from "../../../../src/core/sync/negentropy-message.ts";
import { fingerprintOf, Negentropy } from "../../../../src/core/sync/negentropy.ts";
import { sized } from "../../../support/size.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { VectorSet } from "../../../negentropy/vector-set.ts";

const crypto = {
  sha256: (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest()),
};

function engine(
  set: VectorSet,
  seed: number,
  frameMaxBytes = 65_536,
  floor: Bound = LOWEST,
): Negentropy {
  return new Negentropy({
    set,
    crypto,
    random: new SeededRandom(seed),
    frameMaxBytes,
    rangesMaxCount: 2048,
    floor,
  });
}

/** Positions from few moments and random ids, split among three sets: only left, only right, both. */
function split(
  seed: number,
  count: number,
  moments: number,
  only: number,
): { left: VectorSet; right: VectorSet } {
  const random = new SeededRandom(seed);
  const left: Position[] = [];
  const right: Position[] = [];
  for (let i = 0; i < count; i++) {
    const position = { moment: random.below(moments), id: random.bytes(32) };
    const side = random.below(1000);
    if (side >= only) left.push(position);
    if (side < only / 2 || side >= only) right.push(position);
  }
  return { left: new VectorSet(left), right: new VectorSet(right) };
}

/** Sums of all that come before each position, so that a range of a million costs what one of ten does. */
class SummedSet extends VectorSet {
  readonly #before: bigint[] = [0n];

  constructor(items: Iterable<Position>) {
    super(items);
    for (const { id } of this.items) {
      const value = BigInt(`0x${toHex(id.toReversed())}`);
      this.#before.push((this.#before.at(-1) as bigint) + value);
    }
  }

  override async sum({ lower, upper }: Range): Promise<RangeSum> {
    const [from, to] = [await this.rank(lower), await this.rank(upper)];
    const sum = BigInt.asUintN(256, (this.#before[to] as bigint) - (this.#before[from] as bigint));
    const bytes = Buffer.from(sum.toString(16).padStart(64, "0"), "hex").reverse();
    return { count: to - from, sum: new Uint8Array(bytes) };
  }
}

async function reconcile(left: VectorSet, right: VectorSet, seed: number, frameMaxBytes: number) {
  const initiator = engine(left, seed, frameMaxBytes);
  const responder = engine(right, seed + 1, frameMaxBytes);
  const have = new Set<string>();
  const need = new Set<string>();
  let rounds = 0;
  let bytes = 0;
  let message: Uint8Array | undefined = await initiator.open(
    (["one", "recent", "random"] as const)[seed % 3] ?? "one",
  );
  while (message !== undefined) {
    expect(message.length).toBeLessThanOrEqual(frameMaxBytes);
    const reply = await responder.respond(message);
    expect(reply.length).toBeLessThanOrEqual(frameMaxBytes);
    rounds += 1;
    bytes += message.length + reply.length;
    expect(rounds).toBeLessThan(2_000);
    for (const { range, ids } of (await initiator.receive(reply, () => false)).listed) {
      const theirs = new Set(ids.map(toHex));
      for (const { id } of await left.positions({ ...range, limit: Infinity })) {
        if (!theirs.delete(toHex(id))) have.add(toHex(id));
      }
      for (const id of theirs) need.add(id);
    }
    message = await initiator.next();
  }
  return { have, need, rounds, bytes };
}

function difference(a: VectorSet, b: VectorSet): Set<string> {
  const others = new Set(b.ids());
  return new Set(a.ids().filter((id) => !others.has(id)));
}

describe("negentropy", () => {
  it("SYNC-10 finds exactly what each side lacks, whatever the sets, the cutting and the frame", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(600),
        fc.constantFrom(1, 3, 1_000_000),
        fc.constantFrom(0, 10, 500, 1000),
        fc.constantFrom(1_500, 4_096, 65_536),
        async (seed, count, moments, only, frame) => {
          const { left, right } = split(seed, count, moments, only);
          const { have, need } = await reconcile(left, right, seed, frame);
          expect(have).toEqual(difference(left, right));
          expect(need).toEqual(difference(right, left));
        },
      ),
      { numRuns: sized(60, 2_000) },
    );
  });

  it("SYNC-11 equal sets end after one round of one fingerprint", async () => {
    const { left } = split(3, 5_000, 1_000_000, 0);
    const { rounds, bytes, have, need } = await reconcile(left, left, 3, 65_536);
    expect({ rounds, have: have.size, need: need.size }).toEqual({ rounds: 1, have: 0, need: 0 });
    expect(bytes).toBeLessThan(40);
  });

  it("SYNC-12 fingerprints the sum and count as Negentropy v1 does", () => {
    const sum = new Uint8Array(32).fill(1);
    const digest = createHash("sha256").update(sum).update(Uint8Array.of(0x81, 0x00)).digest();
    expect(toHex(fingerprintOf(crypto, { sum, count: 128 }))).toBe(
      digest.toString("hex").slice(0, 32),
    );
  });

  it("SYNC-13 says nothing of positions below the floor, on either side", async () => {
    const { left, right } = split(11, 400, 1_000, 300);
    const floor: Bound = { moment: 500, prefix: new Uint8Array(0) };
    const initiator = engine(left, 1, 65_536);
    const responder = engine(right, 2, 65_536, floor);
    let message: Uint8Array | undefined = await initiator.open("one");
    let spoken = 0;
    while (message !== undefined) {
      const reply = await responder.respond(message);
      for (const statement of decodeNegentropy(reply, 2048) ?? []) {
        if (statement.mode === "skip") continue;
        expect(statement.lower.moment).toBeGreaterThanOrEqual(500);
        spoken += 1;
      }
      await initiator.receive(reply, () => false);
      message = await initiator.next();
    }
    expect(spoken).toBeGreaterThan(0);
  });

  it("SYNC-14 answers another version with its own and nothing else", async () => {
    const answer = await engine(new VectorSet([]), 1).respond(Uint8Array.of(0x62, 1, 2, 3));
    expect(answer).toEqual(Uint8Array.of(0x61));
  });

  it("SYNC-15 refuses or reads any bytes, and never fails in another way", async () => {
    const { left, right } = split(5, 300, 1_000, 400);
    const sound = await engine(left, 5).open("recent");
    const responder = engine(right, 6);
    let refused = 0;
    for (let at = 0; at < sound.length; at++) {
      for (const change of [1, 0x80, 0xff]) {
        const message = sound.slice();
        message[at] = (message[at] as number) ^ change;
        await responder.respond(message).catch((error: unknown) => {
          if (!isParleyError(error, "bad-negentropy")) throw error;
          refused += 1;
        });
      }
      await responder.respond(sound.subarray(0, at)).catch((error: unknown) => {
        if (!isParleyError(error, "bad-negentropy")) throw error;
      });
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("SYNC-16 refuses more ranges than the limit", () => {
    const ranges = Array.from({ length: 2049 }, () => [1, 0, 0]).flat();
    expect(() => decodeNegentropy(Uint8Array.from([0x61, ...ranges]), 2048)).toThrow(/too many/);
  });

  it("SYNC-17 two sets of one number and sum are told apart, although what differs lies between two places of the grid", async () => {
    const id = (number: number): Uint8Array => {
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setUint32(0, number, true);
      return bytes;
    };
    // The grid has places at 1,000 and at 21,480 of them.
    const momentOf = (i: number): number => 3_896 + Math.floor(i / 5);
    const items = Array.from({ length: 22_000 }, (_, i) => ({
      moment: momentOf(i),
      id: id(9 * i),
    }));
    const moved = items.map((item, i) => {
      const by = i === 5_000 ? 1 : i === 15_000 ? -1 : 0;
      return { ...item, id: id(9 * i + by) };
    });
    const sets = [new SummedSet(items), new SummedSet(moved)] as const;
    const found = [];
    // Every third seed opens at random places.
    for (const seed of [2, 5, 8]) found.push((await reconcile(...sets, seed, 65_536)).have.size);
    expect(found).toContain(2);
  });

  it("SYNC-17 what was missed lately is found in one round among many", async () => {
    const { left } = split(9, 20_000, 1e12, 0);
    const right = new VectorSet(left.items.slice(0, -10));
    const { rounds, bytes, have } = await reconcile(left, right, 1, 65_536);
    expect(have.size).toBe(10);
    expect(rounds).toBeLessThanOrEqual(2);
    expect(bytes).toBeLessThan(3_000);
  });

  it("SYNC-17 ten that are scattered among very many are found in five rounds and 30 kB", async () => {
    const count = sized(50_000, 300_000);
    const { left } = split(10, count, 1e12, 0);
    const step = Math.floor(count / 10);
    const right = left.items.filter((_, i) => i % step !== 7);
    const sets = [new SummedSet(left.items), new SummedSet(right)] as const;
    for (const seed of [0, 1, 2, 3]) {
      const { rounds, bytes, have } = await reconcile(...sets, seed, 65_536);
      expect(have.size).toBe(10);
      expect(rounds).toBeLessThanOrEqual(5);
      expect(bytes).toBeLessThan(30_000);
    }
  });
});
