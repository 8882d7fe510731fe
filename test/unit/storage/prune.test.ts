import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/codec/bytes.ts";
import type { IncomingEvent, RoomLog } from "../../../src/core/interfaces.ts";
import { HIGHEST, LOWEST } from "../../../src/core/log/order.ts";
import { KIND_NAME, type Bound, type LogEvent } from "../../../src/core/log/types.ts";
import { Writer } from "../../support/events.ts";
import { openMemoryStore } from "../../support/memory-store.ts";

const roomId = new Uint8Array(32).fill(1);
const START = 2e14;
const incoming = (event: LogEvent): IncomingEvent => ({ event, proof: "verified", counts: true });
const nothing = (): boolean => false;

/** Three people who answer each other, one moment every 5,000; the third falls silent after 60. */
function conversation(count: number): LogEvent[] {
  const writers = [new Writer(roomId, 1), new Writer(roomId, 2), new Writer(roomId, 3)];
  const events: LogEvent[] = [];
  for (let i = 0; i < count; i++) {
    const writer = writers[i < 60 ? i % 3 : i % 2] as Writer;
    const last = events.at(-1);
    const parents = last && last !== writer.last ? [last] : [];
    events.push(writer.write(`text ${i}`, { moment: START + i * 5_000, parents }));
  }
  return events;
}

/** Prunes below a moment in steps of so many events; how many were removed and kept. */
async function pruned(log: RoomLog, moment: number, limit = 64, keep = nothing) {
  await log.setFloor(moment);
  const total = { removed: 0, kept: 0 };
  for (let from: Bound | undefined = LOWEST; from;) {
    const step = await log.prune({ from, limit, keep });
    total.removed += step.removed;
    total.kept += step.kept;
    from = step.next;
  }
  return total;
}

async function sumOf(log: RoomLog, from: number): Promise<string> {
  const { count, sum } = await log.sum({
    lower: { moment: from, prefix: new Uint8Array(0) },
    upper: HIGHEST,
  });
  return `${count} ${toHex(sum)}`;
}

describe("pruning", () => {
  it("STORE-11 takes out what lies below the floor, and leaves the rest with heads, chains and sums as they were", async () => {
    const { store, disk, kv } = await openMemoryStore();
    const log = await store.room(roomId);
    const events = conversation(500);
    await log.append(events.map(incoming));
    const floor = (events[400] as LogEvent).moment;
    const before = [await log.heads(9), await sumOf(log, floor), log.arrived()];
    const chains = await log.chains();
    expect(await pruned(log, floor)).toEqual({ removed: 399, kept: 1 });
    expect([await log.heads(9), await sumOf(log, floor), log.arrived()]).toEqual(before);
    // Of the silent one the newest event stays, and every chain has its tip and no gap.
    expect(log.count()).toBe(101);
    expect(
      (await log.chains()).map(({ count, ...chain }) => ({ ...chain, count: count > 0 })),
    ).toEqual(chains.map((chain) => ({ ...chain, count: true })));
    expect(await log.find([(events[3] as LogEvent).id])).toEqual([undefined]);
    expect(await log.has([(events[3] as LogEvent).id, (events[450] as LogEvent).id])).toEqual([
      false,
      true,
    ]);
    expect((await store.check()).problems).toEqual([]);
    // The same after a crash, and from indexes that were built again.
    await log.setFloor(floor);
    kv.cut();
    disk.crash();
    const again = (await openMemoryStore(disk)).store;
    expect((await again.check()).problems).toEqual([]);
    expect((await again.rebuild()).problems).toEqual([]);
    const room = await again.room(roomId);
    expect(room.floor()).toBe(floor);
    expect([await room.heads(9), await sumOf(room, floor)]).toEqual(before.slice(0, 2));
    expect((await room.chains()).map(({ gapFreeSeq }) => gapFreeSeq)).toEqual(
      chains.map(({ gapFreeSeq }) => gapFreeSeq),
    );
  });

  it("STORE-11 keeps heads, names shown, two events of one seq, and what the caller says", async () => {
    const { store } = await openMemoryStore();
    const log = await store.room(roomId);
    const [ana, bob] = [new Writer(roomId, 1), new Writer(roomId, 2)];
    const names = [0, 1].map((i) => ana.write(`Ana ${i}`, { kind: KIND_NAME, moment: START + i }));
    const own = ana.write("mine", { moment: START + 2 });
    const others = Array.from({ length: 5 }, (_, i) =>
      ana.write(`${i}`, { moment: START + 3 + i }),
    );
    const first = bob.write("one", { moment: START });
    const twin = bob.write("another one", { moment: START, after: null });
    const end = bob.write("two", { moment: START + 1, after: first });
    const last = ana.write("last", { moment: START + 100 });
    await log.append([...names, own, ...others, first, twin, end, last].map(incoming));
    await pruned(
      log,
      START + 50,
      3,
      ((event: LogEvent) => toHex(event.id) === toHex(own.id)) as () => boolean,
    );
    const left = (await log.positions({ limit: 99 })).map(({ id }) => toHex(id));
    const kept = [names[1], own, first, twin, end, last] as LogEvent[];
    expect(new Set(left)).toEqual(new Set(kept.map(({ id }) => toHex(id))));
    expect((await log.latest(KIND_NAME)).size).toBe(1);
    expect((await log.chain(bob.root, bob.device))?.equivocated).toBe(true);
    expect((await store.check()).problems).toEqual([]);
  });

  it.each([
    ["all", nothing],
    ["all but what the caller keeps", ({ seq }: LogEvent) => seq % 4 === 1],
  ])(
    "STORE-11 what was pruned, %s, and comes again finds its place: the set, its heads and its quota as if it had never gone",
    async (_which, keep) => {
      const { store } = await openMemoryStore(undefined, { quota: 200 });
      const log = await store.room(roomId);
      const events = conversation(300);
      await log.append(events.map(incoming));
      const before = [await sumOf(log, 0), await log.heads(9), await log.chains()];
      await pruned(log, (events[250] as LogEvent).moment, 7, keep as () => boolean);
      // A new one builds on the newest alone.
      expect((await log.heads(9)).map(({ id }) => toHex(id))).toEqual([
        toHex((events[299] as LogEvent).id),
      ]);
      await log.append(events.slice(0, 260).toReversed().map(incoming));
      await log.setFloor(0);
      expect([await sumOf(log, 0), await log.heads(9), await log.chains()]).toEqual(before);
      expect((await store.check()).problems).toEqual([]);
    },
  );

  it("cut short, it ends its work at the next run; a floor raised again goes on from there", async () => {
    const { store, disk, kv } = await openMemoryStore();
    const log = await store.room(roomId);
    const events = conversation(300);
    await log.append(events.map(incoming), { sync: true });
    const at = (i: number): number => (events[i] as LogEvent).moment;
    await log.setFloor(at(100));
    await log.prune({ limit: 30, keep: nothing });
    kv.cut();
    disk.crash();
    const again = (await openMemoryStore(disk)).store;
    const room = await again.room(roomId);
    expect((await again.check()).problems).toEqual([]);
    expect(room.floor()).toBe(at(100));
    await pruned(room, at(100));
    expect(room.count()).toBe(201);
    await pruned(room, at(200));
    expect(room.count()).toBe(101);
    expect((await again.check()).problems).toEqual([]);
  });

  it("an id that is named again while it is missing is not missing any more when it comes", async () => {
    const { store } = await openMemoryStore();
    const log = await store.room(roomId);
    const [ana, bob, carol] = [1, 2, 3].map((number) => new Writer(roomId, number));
    const missing = (ana as Writer).write("missing", { moment: START });
    const options = { parents: [missing], moment: START + 1 };
    await log.append([incoming((bob as Writer).write("one", options))]);
    await log.append([(carol as Writer).write("two", options), missing].map(incoming));
    expect((await store.check()).problems).toEqual([]);
  });

  it("chains that begin above a floor just fetched are free of gaps from there", async () => {
    const { store } = await openMemoryStore();
    const log = await store.room(roomId);
    const events = conversation(300);
    const floor = (events[200] as LogEvent).moment;
    await log.append(events.slice(200).map(incoming));
    expect((await log.chains()).map(({ gapFreeSeq }) => gapFreeSeq)).toEqual([0, 0]);
    await log.setFloor(floor, true);
    expect((await log.chains()).map(({ gapFreeSeq, tip }) => gapFreeSeq === tip.seq)).toEqual([
      true,
      true,
    ]);
    await log.append(events.slice(0, 200).map(incoming));
    await log.setFloor(0, true);
    expect((await log.chains()).map(({ gapFreeSeq, tip }) => gapFreeSeq === tip.seq)).toEqual([
      true,
      true,
      true,
    ]);
    expect((await store.check()).problems).toEqual([]);
  });
});
