import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { ByteWriter } from "../../../../src/core/codec/varint.ts";
import { comparePositions } from "../../../../src/core/log/order.ts";
import { decodePage, encodePage } from "../../../../src/core/log/page.ts";
import type { LogEvent } from "../../../../src/core/log/types.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { readVectors } from "../../../support/vectors.ts";

const golden = readVectors("events") as { secondPage: string };
const roomId = new Uint8Array(32).fill(1);
const head = (number: number): Uint8Array => new Uint8Array(32).fill(0x90 + number);

/** Three who answer each other and have seen different control heads by turns. */
function conversation(count: number, auth = (i: number) => headsOf(i)): LogEvent[] {
  const writers = [1, 2, 3].map((number) => new Writer(roomId, number));
  const events: LogEvent[] = [];
  for (let i = 0; i < count; i++) {
    const last = events.at(-1);
    const writer = writers[(i * 5) % 3] as Writer;
    const parents = last && last !== writer.last ? [last] : [];
    const moment = 2e14 + i * 4096;
    events.push(writer.write(`text ${i}`, { moment, parents, auth: auth(i) }));
  }
  return events.sort(comparePositions);
}

function headsOf(i: number): Uint8Array[] {
  if (i % 7 === 6) return [];
  return i % 3 === 2 ? [head(1), head(2), head(3)] : [head(1), head(2)];
}

/** How often some bytes stand in a page. */
function timesIn(page: Uint8Array, bytes: Uint8Array): number {
  return (
    Buffer.from(page).toString("latin1").split(Buffer.from(bytes).toString("latin1")).length - 1
  );
}

/** The second form of events of one author who answers nobody, by what each says of control heads. */
function written(events: readonly LogEvent[], saying: readonly (readonly number[])[]): Uint8Array {
  const writer = new ByteWriter();
  const [first] = events as [LogEvent];
  for (const part of [Uint8Array.of(2, 1), first.root, first.device, Uint8Array.of(0)])
    writer.bytes(part);
  writer.varint(events.length);
  events.forEach((event, i) => {
    const said = saying[i] ?? [];
    writer.varint((i === 0 ? 1 : 0) + (said.length > 0 ? 4 : 0));
    writer.varint(event.kind);
    writer.varint(event.moment - (events[i - 1]?.moment ?? 0));
    if (i === 0) writer.varint(event.seq);
    writer.bytes(Uint8Array.from(said));
    writer.varint(event.content.length);
    writer.bytes(event.content);
    writer.bytes(event.signature);
  });
  return writer.finish();
}

describe("the second form of pages", () => {
  it("PAGE-5 PAGE-1 holds the same, and says no id whole twice", () => {
    const events = conversation(60);
    const bytes = encodePage(events, undefined, 2);
    expect(decodePage(nodeCrypto, roomId, bytes, 2).events).toEqual(events);
    for (const number of [1, 2, 3]) {
      expect(timesIn(bytes, head(number))).toBe(1);
      expect(timesIn(encodePage(events), head(number))).toBeGreaterThan(10);
    }
    expect(toHex(encodePage(conversation(4), undefined, 2))).toBe(golden.secondPage);
  });

  it("PAGE-5 says control heads only where they change: in a quiet room once a page", () => {
    const events = conversation(60, () => [head(1)]);
    const [first, second] = [encodePage(events), encodePage(events, undefined, 2)];
    // Their number, a number for the id, and the id.
    expect(first.length - second.length).toBe(59 * (1 + 1 + 32));
    expect(decodePage(nodeCrypto, roomId, second, 2).events).toEqual(events);
  });

  it("PAGE-5 of a room without control heads it is the first form but for its number, up to distances of 63", () => {
    const events = conversation(40, () => []);
    const [first, second] = [encodePage(events), encodePage(events, undefined, 2)];
    expect(second.length).toBe(first.length);
    expect(decodePage(nodeCrypto, roomId, second, 2).events).toEqual(events);
  });

  it("PAGE-5 PAGE-3 PAGE-4 never reads two meanings out of mutated bytes, and fails only with its own error", () => {
    const bytes = encodePage(conversation(14), undefined, 2);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const mutated = bytes.slice();
        mutated[at] = (mutated[at] as number) ^ mask;
        let events: readonly LogEvent[];
        try {
          const page = decodePage(nodeCrypto, roomId, mutated, 2);
          if (page.authors.some(({ certificate }) => certificate)) return;
          ({ events } = page);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-page" });
          return;
        }
        expect(toHex(encodePage(events, undefined, 2))).toBe(toHex(mutated));
      }),
      { numRuns: 3_000 },
    );
  });

  const one = [1, 0, ...head(1)];
  it.each([
    ["heads that are those of the event before", [one, [1, 1]], "without need"],
    ["no heads, where there were none", [[0]], "without need"],
    ["an id that was said whole before", [one, [2, 0, ...head(1), 0, ...head(2)]], "named shorter"],
    ["an id that was not said", [one, [1, 3]], "not said"],
    ["a distance beyond the page", [one, [1, 4]], "beyond the page"],
    ["too many heads", [one, [9]], "too many ids"],
    ["heads that are cut off", [one, [8, 0, 0]], "Not a page"],
  ])("PAGE-5 refuses %s", (_, saying, why) => {
    const writer = new Writer(roomId, 1);
    const events = [0, 1].map((i) => writer.write(`${i}`, { auth: [head(1)] }));
    expect(written(events, [one])).toEqual(encodePage(events, undefined, 2));
    expect(() => decodePage(nodeCrypto, roomId, written(events, saying), 2)).toThrow(why);
  });

  it("PAGE-5 an event of the page is named by its distance, also where it was said whole before", () => {
    const [a, b] = [new Writer(roomId, 1), new Writer(roomId, 2)];
    // The clock of who answers goes behind: the answer stands before what it answers.
    const asked = a.write("?", { moment: 2e14 + 9 });
    const answer = b.write("!", { moment: 2e14, parents: [asked] });
    const thanks = b.write("…", { moment: 2e14 + 20, parents: [asked] });
    const events = [answer, asked, thanks];
    const bytes = encodePage(events, undefined, 2);
    expect(decodePage(nodeCrypto, roomId, bytes, 2).events).toEqual(events);
    const at = bytes.length - (2 + thanks.content.length + 64);
    expect([...bytes.subarray(at - 1, at + 1)]).toEqual([1, 2]);
    const forged = bytes.slice();
    forged[at] = 1;
    expect(() => decodePage(nodeCrypto, roomId, forged, 2)).toThrow("not said");
  });

  it("PAGE-6 is neither made nor read where nobody has asked for it", () => {
    const events = conversation(3);
    expect(encodePage(events)[0]).toBe(1);
    const bytes = encodePage(events, undefined, 2);
    expect(() => decodePage(nodeCrypto, roomId, bytes)).toThrow("another version");
    expect(() => decodePage(nodeCrypto, roomId, Uint8Array.of(3, ...bytes.subarray(1)), 2)).toThrow(
      "another version",
    );
  });
});
