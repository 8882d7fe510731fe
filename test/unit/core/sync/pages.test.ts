import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { HIGHEST, LOWEST } from "../../../../src/core/log/order.ts";
import { decodePage } from "../../../../src/core/log/page.ts";
import { SYNC_PAGE_EVENTS_FIRST_COUNT } from "../../../../src/core/codec/limits.ts";
import { KIND_CLAIM, KIND_DEVICE } from "../../../../src/core/room/control.ts";
import { authenticate } from "../../../../src/core/log/runs.ts";
import { KIND_TEXT, type LogEvent, type Proof } from "../../../../src/core/log/types.ts";
import { Certificates } from "../../../../src/core/sync/certificates.ts";
import {
  eventPages,
  openPage,
  type PageContext,
  rangePages,
  Told,
} from "../../../../src/core/sync/pages.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { LOBBY } from "../../../support/replica.ts";

const WHOLE = [{ range: { lower: LOWEST, upper: HIGHEST }, except: [] }];
const START = momentOf(Date.UTC(2026, 0, 1));

async function context(...writers: Writer[]): Promise<PageContext> {
  const { store } = await openMemoryStore();
  const certificates = new Certificates(store, nodeCrypto, () => undefined);
  for (const { certificate } of writers) await certificates.keep(certificate);
  return { log: await store.room(LOBBY.roomId), crypto: nodeCrypto, certificates };
}

async function collect(pages: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

function blank(event: LogEvent): LogEvent {
  return { ...event, signature: new Uint8Array(64) };
}

describe("pages in a session", () => {
  let writer: Writer;
  let from: PageContext;

  beforeEach(async () => {
    writer = new Writer(LOBBY.roomId, 1);
    from = await context(writer);
  });

  /** Stores a chain; `proofs` by seq, the others unverified; bad ones are blanked. */
  async function chain(count: number, proofs: Record<number, Proof>): Promise<LogEvent[]> {
    const events = Array.from({ length: count }, (_, i) =>
      writer.write(`${i}`, { moment: START + i }),
    );
    await from.log.append(
      events.map((event) => {
        const proof = proofs[event.seq] ?? "unverified";
        return { event: proof === "bad" ? blank(event) : event, proof, counts: true };
      }),
    );
    return events;
  }

  async function taken(pages: readonly Uint8Array[]): Promise<number[]> {
    const to = await context(writer);
    const seqs: number[] = [];
    for (const page of pages)
      seqs.push(...(await openPage(to, page)).map(({ event }) => event.seq));
    return seqs.sort((a, b) => a - b);
  }

  it("SYNC-30 an unverified end of a run is checked before it is sent, and stored as checked", async () => {
    await chain(10, {});
    expect(await taken(await collect(rangePages(from, WHOLE, new Told())))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    const [last] = await from.log.at(writer.root, writer.device, 10);
    expect(last?.proof).toBe("verified");
  });

  it("SYNC-30 a bad end of a run travels with the successors that prove it", async () => {
    const events = await chain(10, { 5: "bad", 6: "bad", 10: "verified" });
    const upper = { moment: START + 5, prefix: new Uint8Array(0) };
    const pages = await collect(
      rangePages(from, [{ range: { lower: LOWEST, upper }, except: [] }], new Told()),
    );
    expect(await taken(pages)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(
      await taken(
        await collect(
          eventPages(from, await from.log.find([(events[4] as LogEvent).id]), new Told()),
        ),
      ),
    ).toEqual([5, 6, 7]);
  });

  it("SYNC-30 what nothing proves is left out", async () => {
    await chain(10, { 8: "verified", 9: "bad", 10: "bad" });
    expect(await taken(await collect(rangePages(from, WHOLE, new Told())))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  it("SYNC-30 exceptions break runs: each part proves itself", async () => {
    const events = await chain(100, { 100: "verified" });
    const except = events.filter((_, i) => i % 3 === 0).map(({ id }) => id);
    const pages = await collect(
      rangePages(from, [{ range: { lower: LOWEST, upper: HIGHEST }, except }], new Told()),
    );
    expect((await taken(pages)).length).toBe(66);
  });

  it("SYNC-31 an author is certified in the first page of a session that has its events", async () => {
    await chain(3_000, {});
    const pages = await collect(rangePages(from, WHOLE, new Told()));
    expect(pages.length).toBeGreaterThan(3);
    const told = pages.map(
      (page) => decodePage(nodeCrypto, LOBBY.roomId, page).authors[0]?.certificate,
    );
    expect(told).toEqual([writer.certificate.wire, ...pages.slice(1).map(() => undefined)]);
  });

  it("SEALED-17 no page ends between a claim and the key of the device behind it, in either order", async () => {
    const first = SYNC_PAGE_EVENTS_FIRST_COUNT;
    for (const oldestFirst of [true, false]) {
      writer = new Writer(LOBBY.roomId, 1);
      from = await context(writer);
      // The first page is full with the one of the two that comes first.
      const kinds = Array.from({ length: 2 * first }, () => KIND_TEXT);
      kinds.splice(first - 1, 2, KIND_CLAIM, KIND_DEVICE);
      const events = kinds.map((kind, i) => writer.write("", { kind, moment: START + i }));
      const proof = "verified" as const;
      await from.log.append(events.map((event) => ({ event, proof, counts: false })));
      const stored = await from.log.find(events.map(({ id }) => id));
      const pages = await collect(eventPages({ ...from, oldestFirst }, stored, new Told()));
      const read = pages.map((page) => decodePage(nodeCrypto, LOBBY.roomId, page).events);
      expect(read.map(({ length }) => length)).toEqual([first + 1, first - 1]);
      const both = read.map((page) => page.filter(({ kind }) => kind !== KIND_TEXT).length);
      expect(both).toEqual([2, 0]);
    }
  });

  it("pages grow from a small first one and stay within their bounds", async () => {
    await chain(4_000, {});
    const counts = (await collect(rangePages(from, WHOLE, new Told()))).map(
      (page) => decodePage(nodeCrypto, LOBBY.roomId, page).events.length,
    );
    expect(counts.slice(0, 5)).toEqual([128, 256, 512, 960, 960]);
    const large = new Writer(LOBBY.roomId, 2);
    const other = await context(large);
    const events = Array.from({ length: 100 }, (_, i) =>
      large.write("x".repeat(16_000), { moment: START + i }),
    );
    await other.log.append(events.map((event) => ({ event, proof: "verified", counts: true })));
    const sizes = (await collect(rangePages(other, WHOLE, new Told()))).map((page) => page.length);
    expect(Math.max(...sizes)).toBeLessThan(600_000);
    expect(sizes.length).toBeGreaterThan(2);
  });

  it("20 authors taking turns cost at most 340 bytes for a text of 256", async () => {
    const writers = Array.from({ length: 20 }, (_, i) => new Writer(LOBBY.roomId, i + 1));
    const room = await context(...writers);
    const events: LogEvent[] = [];
    for (let i = 0; i < 10_000; i++) {
      const text = randomBytes(192).toString("base64");
      const before = events.at(-1);
      events.push(
        (writers[i % 20] as Writer).write(text, {
          moment: START + i * 4096 * 900,
          parents: before ? [before] : [],
        }),
      );
    }
    await room.log.append(events.map((event) => ({ event, proof: "verified", counts: true })));
    const pages = await collect(rangePages(room, WHOLE, new Told()));
    const bytes = pages.reduce((sum, page) => sum + page.length, 0);
    expect(bytes / events.length).toBeLessThanOrEqual(340);
    expect(
      authenticate(
        nodeCrypto,
        decodePage(nodeCrypto, LOBBY.roomId, pages.at(-1) as Uint8Array).events,
      ).length,
    ).toBeGreaterThan(0);
  });
});
