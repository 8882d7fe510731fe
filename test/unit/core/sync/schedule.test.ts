import { beforeEach, describe, expect, it } from "vitest";
import type { Opening } from "../../../../src/core/sync/negentropy.ts";
import { Schedule } from "../../../../src/core/sync/schedule.ts";
import { HeldAside, mayBeParent, timeliness } from "../../../../src/core/sync/held-aside.ts";
import { Penalties } from "../../../../src/core/sync/penalties.ts";
import { TokenBucket } from "../../../../src/core/sync/token-bucket.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;

beforeEach(() => {
  time = new VirtualTime();
});

describe("when rooms are reconciled", () => {
  it("SYNC-50 every 30 to 60 s, and ever more rarely up to 10 min while nothing differs", async () => {
    const atMs: number[] = [];
    const schedule = new Schedule({
      timers: time,
      random: new SeededRandom(1),
      reconcile: () => void atMs.push(time.nowMs()),
    });
    await time.pass(600_000);
    const gaps = atMs.slice(1).map((at, i) => at - (atMs[i] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
    for (let i = 0; i < 20; i++) schedule.ended(true);
    atMs.length = 0;
    await time.pass(3_600_000);
    const rare = atMs.slice(1).map((at, i) => at - (atMs[i] as number));
    expect(Math.min(...rare)).toBeGreaterThanOrEqual(300_000);
    expect(Math.max(...rare)).toBeLessThanOrEqual(600_000);
    schedule.ended(false);
    atMs.length = 0;
    await time.pass(60_000);
    expect(atMs.length).toBe(1);
    schedule.stop();
    atMs.length = 0;
    await time.pass(3_600_000);
    expect(atMs).toEqual([]);
  });

  it("SYNC-51 after every tenth equal session with random ranges", async () => {
    const openings: Opening[] = [];
    const schedule: Schedule = new Schedule({
      timers: time,
      random: new SeededRandom(1),
      reconcile: (opening) => {
        openings.push(opening);
        schedule.ended(true);
      },
    });
    await time.pass(30 * 600_000);
    expect(
      openings
        .slice(0, 22)
        .map((opening) => opening === "random")
        .flatMap((is, i) => (is ? [i] : [])),
    ).toEqual([10, 20]);
  });

  it("SYNC-50 an event that gossip never brought comes by itself", async () => {
    const network = new VirtualNetwork(time, 1);
    const a = await Replica.start(network, { number: 1 });
    const b = await Replica.start(network, { number: 2 });
    a.meet(b);
    await time.pass(1_000);
    await a.write(["never announced"], { quiet: true });
    await time.until("it is there", () => b.count() === 1, 150_000);
  });

  it("SYNC-53 what a session brings goes on to neighbours of neighbours without waiting for their turn", async () => {
    const network = new VirtualNetwork(time, 1);
    const replicas = await Promise.all(
      [1, 2, 3, 4].map((number) => Replica.start(network, { number })),
    );
    const [a, b, c, d] = replicas as [Replica, Replica, Replica, Replica];
    b.meet(c);
    c.meet(d);
    await time.pass(1_000);
    await a.write(["written before anybody was there"], { quiet: true });
    a.meet(b);
    await time.until("the last has it", () => d.count() === 1, 500);
    // Nobody asks on and on: what all have comes to rest.
    await time.pass(1_000);
    const { frames } = network.traffic;
    await time.pass(20_000);
    expect(network.traffic.frames).toBe(frames);
  });

  it("stop cancels everything: nothing is sent, asked or stored any more", async () => {
    const network = new VirtualNetwork(time, 1);
    const a = await Replica.start(network, { number: 1 });
    const b = await Replica.start(network, { number: 2 });
    a.meet(b);
    await time.pass(1_000);
    await a.write(["one"], { quiet: true });
    await b.replicator.stop();
    let sent = 0;
    network.tap = (_, bytes, from) => {
      if (from === b.transport) sent += 1;
      return bytes;
    };
    await time.pass(3_600_000);
    expect({ count: b.count(), sent }).toEqual({ count: 0, sent: 0 });
  });
});

describe("clocks of events", () => {
  it("CLOCK up to 300 s ahead is due, up to 24 h early, beyond it never", () => {
    const nowMs = time.nowMs();
    expect(timeliness(momentOf(nowMs + 300_000), nowMs)).toBe("due");
    expect(timeliness(momentOf(nowMs + 300_001), nowMs)).toBe("early");
    expect(timeliness(momentOf(nowMs + 86_400_000), nowMs)).toBe("early");
    expect(timeliness(momentOf(nowMs + 86_400_001), nowMs)).toBe("never");
  });

  it("only up to 60 s ahead may be a parent", () => {
    const nowMs = time.nowMs();
    expect(mayBeParent(momentOf(nowMs + 60_000), nowMs)).toBe(true);
    expect(mayBeParent(momentOf(nowMs + 60_001), nowMs)).toBe(false);
  });

  it("CLOCK-3 SYNC-32 what is held aside comes back when it is due, in order, once; the latest are forgotten first", async () => {
    const released: number[] = [];
    const pool = new HeldAside<{ moment: number; id: Uint8Array }>(time, time, (due) =>
      released.push(...due.map(({ moment }) => moment)),
    );
    const startMs = time.nowMs();
    const moments = Array.from({ length: 1_100 }, (_, i) =>
      momentOf(startMs + 301_000 + i * 1_000),
    );
    for (const [i, moment] of moments.toReversed().entries()) {
      const id = new Uint8Array(32);
      new DataView(id.buffer).setUint32(0, i);
      pool.add({ moment, id });
      pool.add({ moment, id });
    }
    expect(pool.size).toBe(1_024);
    await time.pass(10_500);
    expect(released).toEqual(moments.slice(0, 10));
    pool.clear();
    await time.pass(3_600_000);
    expect(released.length).toBe(10);
  });
});

describe("bounds", () => {
  it("SYNC-62 a bucket gives its burst at once and fills up again, never beyond it", async () => {
    const bucket = new TokenBucket(time, 10, 2);
    expect(bucket.take(10)).toBe(true);
    expect(bucket.take(1)).toBe(false);
    await time.pass(1_000);
    expect(bucket.take(3)).toBe(false);
    expect(bucket.take(2)).toBe(true);
    await time.pass(3_600_000);
    expect(bucket.take(11)).toBe(false);
    expect(bucket.take(10)).toBe(true);
  });

  it("SYNC-64 waits as long as the rule that was broken wants", async () => {
    const penalties = new Penalties(time);
    penalties.note("a", "busy");
    penalties.note("b", "undelivered");
    penalties.note("c", "done");
    expect(["a", "b", "c"].map((peer) => penalties.isWaiting(peer))).toEqual([true, true, false]);
    await time.pass(30_000);
    expect(["a", "b"].map((peer) => penalties.isWaiting(peer))).toEqual([false, true]);
    await time.pass(570_000);
    expect(penalties.isWaiting("b")).toBe(false);
  });
});
