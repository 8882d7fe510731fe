import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, equal, toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import type { Crypto } from "../../../../src/core/crypto/port.ts";
import { AuthorTable } from "../../../../src/core/log/author-table.ts";
import { momentOf, msOf, nextMoment } from "../../../../src/core/log/clock.ts";
import { encodeText, readContent } from "../../../../src/core/log/content.ts";
import {
  createEvent,
  decodeEvent,
  encodeEvent,
  type EventFields,
  verifyEvent,
} from "../../../../src/core/log/event.ts";
import { boundAfter, boundAt, below, comparePositions } from "../../../../src/core/log/order.ts";
import { decodePage, encodePage } from "../../../../src/core/log/page.ts";
import { authenticate } from "../../../../src/core/log/runs.ts";
import { KIND_TEXT, type LogEvent } from "../../../../src/core/log/types.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { readVectors } from "../../../support/vectors.ts";

const golden = readVectors("events") as {
  event: { id: string; wire: string };
  page: string;
};
const roomId = new Uint8Array(32).fill(1);

function conversation(count: number): LogEvent[] {
  const writers = [1, 2, 3].map((number) => new Writer(roomId, number));
  const events: LogEvent[] = [];
  for (let i = 0; i < count; i++) {
    const last = events.at(-1);
    const writer = writers[(i * 5) % 3] as Writer;
    const parents = last && last !== writer.last ? [last] : [];
    events.push(writer.write(`text ${i}`, { moment: 2e14 + i * 4096, parents }));
  }
  return events.sort(comparePositions);
}

describe("events", () => {
  it("EVENT-1 EVENT-2 are the pinned bytes, signed by the device", () => {
    const event = new Writer(roomId, 1).write("hello");
    expect({ id: toHex(event.id), wire: toHex(encodeEvent(event)) }).toEqual(golden.event);
    expect(verifyEvent(nodeCrypto, event)).toBe(true);
    const again = decodeEvent(nodeCrypto, roomId, event.root, encodeEvent(event));
    expect(again).toEqual(event);
    expect(
      toHex(decodeEvent(nodeCrypto, roomId, new Uint8Array(32), encodeEvent(event)).id),
    ).not.toBe(toHex(event.id));
    const body = encodeEvent(event).subarray(1, -66);
    expect(toHex(event.id)).toBe(
      toHex(nodeCrypto.sha256(concat(utf8("parley/event/1\0"), roomId, event.root, body))),
    );
  });

  it("EVENT-3 never reads two meanings out of mutated bytes, and fails only with its own error", () => {
    const event = conversation(6).at(-1) as LogEvent;
    const good = encodeEvent(event);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const wire = good.slice();
        wire[at] = (wire[at] as number) ^ mask;
        try {
          const other = decodeEvent(nodeCrypto, roomId, event.root, wire);
          // Another body is another event; another signature is not good.
          expect(!equal(other.id, event.id) || !verifyEvent(nodeCrypto, other)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-event" });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("EVENT-3 refuses fields beyond their bounds", () => {
    const signer = nodeCrypto.signer(new Uint8Array(32).fill(1));
    const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
    const fields = {
      roomId,
      root: id(9),
      signer,
      kind: KIND_TEXT,
      seq: 2,
      prev: id(1),
      parents: [],
      auth: [],
      moment: 1,
      content: encodeText("x"),
    };
    createEvent(nodeCrypto, fields);
    const wrong: Partial<EventFields>[] = [
      { seq: 0 },
      { seq: 1 },
      { prev: null },
      { kind: 65_536 },
      { moment: -1 },
      { moment: 2 ** 53 },
      { content: new Uint8Array(32 * 1024 + 1) },
      { parents: [id(3), id(2)] },
      { parents: [id(2), id(2)] },
      { parents: [id(1)] },
      { parents: Array.from({ length: 9 }, (_, i) => id(i + 2)) },
    ];
    for (const change of wrong) {
      expect(
        () => createEvent(nodeCrypto, { ...fields, ...change }),
        JSON.stringify(Object.keys(change)),
      ).toThrow(/Not an event/);
    }
  });

  it("EVENT-4 over pages that follow each other, newest first, one check an author is enough, and only where the chain holds", () => {
    const writers = [4, 5].map((number) => new Writer(roomId, number));
    const events = Array.from({ length: 24 }, (_, i) =>
      (writers[i % 2] as Writer).write(`${i}`, { moment: 2e14 + i }),
    );
    let checks = 0;
    const counting: Crypto = {
      ...nodeCrypto,
      verify: (...signed) => (checks++, nodeCrypto.verify(...signed)),
    };
    const pages = (of: readonly LogEvent[]): readonly LogEvent[][] =>
      [of.slice(16), of.slice(8, 16), of.slice(0, 8)].map((page) => [...page]);
    const oldest = new AuthorTable<LogEvent>();
    for (const page of pages(events)) expect(authenticate(counting, page, oldest)).toHaveLength(8);
    expect(checks).toBe(2);
    // Garbage for a signature changes nothing, another event in its place proves nothing, nor does a chain with a hole.
    const garbage = events.map((event, i) =>
      i === 15 ? { ...event, signature: new Uint8Array(64).fill(7) } : event,
    );
    const other = events.with(15, { ...(garbage[15] as LogEvent), id: new Uint8Array(32).fill(1) });
    const found = (of: readonly LogEvent[]): number[] => {
      const table = new AuthorTable<LogEvent>();
      return pages(of).map((page) => authenticate(counting, page, table).length);
    };
    expect(found(garbage)).toEqual([8, 8, 8]);
    expect(found(other)).toEqual([8, 7, 8]);
    checks = 0;
    expect(found(events.toSpliced(15, 1))).toEqual([7, 8, 8]);
    expect(checks).toBe(3);
  });

  it("EVENT-4 in a run the last good signature decides, and what follows it is left out", () => {
    const writer = new Writer(roomId, 4);
    const run = Array.from({ length: 5 }, (_, i) => writer.write(`${i}`));
    const spoiled = (at: number): LogEvent[] =>
      run.map((event, i) =>
        i === at ? { ...event, signature: new Uint8Array(64).fill(7) } : event,
      );
    expect(authenticate(nodeCrypto, run).map(({ proof }) => proof)).toEqual([
      "unverified",
      "unverified",
      "unverified",
      "unverified",
      "verified",
    ]);
    expect(authenticate(nodeCrypto, spoiled(2))).toHaveLength(5);
    expect(authenticate(nodeCrypto, spoiled(4)).map(({ proof }) => proof)).toEqual([
      "unverified",
      "unverified",
      "unverified",
      "verified",
    ]);
    expect(authenticate(nodeCrypto, spoiled(0).slice(0, 1))).toEqual([]);
  });
});

describe("content", () => {
  it("CONTENT-1 CONTENT-2 passes over further items, and shows nothing that breaks its rules", () => {
    const read = (kind: number, value: Parameters<typeof encodeCbor>[0]) =>
      readContent({ kind, content: encodeCbor(value) });
    expect(read(2, ["hi", 7, ["later"]])).toEqual({ type: "text", text: "hi" });
    expect(read(3, ["waves"])).toEqual({ type: "action", text: "waves" });
    expect(read(2, [7])).toBeUndefined();
    expect(read(2, "hi")).toBeUndefined();
    expect(read(1, ["x".repeat(65)])).toBeUndefined();
    expect(read(2, ["x".repeat(16 * 1024 + 1)])).toBeUndefined();
    expect(readContent({ kind: 2, content: Uint8Array.of(255) })).toBeUndefined();
  });

  it("EVENT-8 an unknown kind has nothing to show", () => {
    expect(readContent({ kind: 999, content: encodeCbor(["hi"]) })).toBeUndefined();
  });
});

describe("the clock", () => {
  it("CLOCK-1 gives a moment above all that came before, and not below the wall clock", () => {
    const times = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2090, 0, 1) });
    fc.assert(
      fc.property(times, fc.array(times, { maxLength: 8 }), (nowMs, seenMs) => {
        const seen = seenMs.map(momentOf);
        const moment = nextMoment(nowMs, seen);
        for (const earlier of seen) expect(moment).toBeGreaterThan(earlier);
        expect(moment).toBeGreaterThanOrEqual(momentOf(nowMs));
        expect(Number.isSafeInteger(moment)).toBe(true);
        expect(msOf(momentOf(nowMs))).toBe(nowMs);
      }),
    );
  });

  it("CLOCK-2 orders any two events, and cuts fall between neighbours", () => {
    const position = fc.record({
      moment: fc.nat(3),
      id: fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((id) => id.map((byte) => (byte < 128 ? 0 : 255))),
    });
    fc.assert(
      fc.property(position, position, (a, b) => {
        const order = comparePositions(a, b);
        expect(Math.sign(comparePositions(b, a))).toBe(-Math.sign(order));
        expect(order === 0).toBe(a.moment === b.moment && equal(a.id, b.id));
        expect(below(a, boundAt(b))).toBe(order < 0);
        expect(below(a, boundAfter(b))).toBe(order <= 0);
      }),
    );
  });
});

describe("pages", () => {
  it("PAGE-1 PAGE-2 hold what was put into them, in the pinned bytes", () => {
    const events = conversation(60);
    const page = decodePage(nodeCrypto, roomId, encodePage(events));
    expect(page.events).toEqual(events);
    expect(page.authors).toHaveLength(3);
    expect(toHex(encodePage(conversation(4)))).toBe(golden.page);
  });

  it("PAGE-1 PAGE-3 PAGE-4 never read two meanings out of mutated bytes, and fail only with their own error", () => {
    const bytes = encodePage(conversation(12));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const mutated = bytes.slice();
        mutated[at] = (mutated[at] as number) ^ mask;
        try {
          const { events, authors } = decodePage(nodeCrypto, roomId, mutated);
          const certificates = new Map(
            authors.map(({ device, certificate }) => [toHex(device), certificate]),
          );
          expect(toHex(encodePage(events, (_, device) => certificates.get(toHex(device))))).toBe(
            toHex(mutated),
          );
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-page" });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("PAGE-4 refuses lengths beyond the bytes before anything is allocated", () => {
    expect(() => decodePage(nodeCrypto, roomId, Uint8Array.of(1, 0xff, 0xff, 0x7f))).toThrow(
      /Not a page/,
    );
    expect(() => decodePage(nodeCrypto, roomId, new Uint8Array(1024 * 1024 + 1))).toThrow(
      /Not a page/,
    );
  });
});
