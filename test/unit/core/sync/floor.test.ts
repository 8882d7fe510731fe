import { beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { LOWEST } from "../../../../src/core/log/order.ts";
import type { Bound, LogEvent } from "../../../../src/core/log/types.ts";
import { Intake } from "../../../../src/core/sync/intake.ts";
import { LOBBY, Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;
let network: VirtualNetwork;
beforeEach(() => {
  time = new VirtualTime();
  network = new VirtualNetwork(time, 1);
});

function texts(count: number, of: string): string[] {
  return Array.from({ length: count }, (_, i) => `${of} ${i}`);
}

/** Keeps what is not older than `moment`. */
async function prune({ log }: Replica, moment: number): Promise<void> {
  await log.setFloor(moment);
  for (let from: Bound | undefined = LOWEST; from;)
    from = (await log.prune({ from, limit: 16, keep: () => false })).next;
}

function intakeOf({ log, root, device }: Replica, from: number): Intake {
  const listener = { stored: () => undefined, ownAhead: () => undefined, failed: () => undefined };
  return new Intake({ log, clock: time, timers: time, from: () => from, root, device, listener });
}

/** Full and pruned, with the same 60 messages: the older 40 are gone from the pruned one but for its writers' newest. */
async function twoNodes() {
  const full = await Replica.start(network, { number: 1 });
  const pruned = await Replica.start(network, { number: 2 });
  pruned.meet(full);
  await full.write(texts(20, "old of one"));
  await pruned.write(texts(20, "old of two"));
  await time.pass(60_000);
  const floor = momentOf(time.nowMs());
  await full.write(texts(20, "new"));
  await time.until("both have all", () => full.count() === 60 && pruned.count() === 60);
  await prune(pruned, floor);
  expect(pruned.count()).toBe(21);
  return { full, pruned, floor };
}

async function idsFrom(replica: Replica, moment: number): Promise<string[]> {
  const lower = { moment, prefix: new Uint8Array(0) };
  return (await replica.log.positions({ lower, limit: Infinity })).map(({ id }) => toHex(id));
}

describe("a node that has pruned", () => {
  it("SYNC-19 stays as it is beside a full one, also when asked for by id, and both go on together", async () => {
    const { full, pruned, floor } = await twoNodes();
    pruned.part(full);
    await time.pass(20_000);
    pruned.meet(full);
    await time.until("they are equal", () => pruned.said.equal.length > 0);
    expect(pruned.count()).toBe(21);
    // What a session or an answer by id brings from below stays away.
    const [old] = await full.log.read({ limit: 1 });
    const intake = intakeOf(pruned, floor);
    const offered = [{ event: old as LogEvent, proof: "verified" as const }];
    expect((await intake.add(offered, "sync")).stored).toEqual([]);
    const late = await Replica.start(network, { number: 3 });
    late.meet(full);
    await time.until("the newcomer has all", () => late.count() === 60);
    late.meet(pruned);
    await late.write(texts(3, "newest"));
    await time.until("everybody has it", () => full.count() === 63 && pruned.count() === 24);
    await time.pass(700_000);
    expect(await idsFrom(pruned, floor)).toEqual(await idsFrom(full, floor));
    expect(pruned.count()).toBe(24);
    expect(full.count()).toBe(63);
    expect(pruned.log.floor()).toBe(floor);
    expect([full.log.floor(), late.log.floor()]).toEqual([0, 0]);
    expect([...pruned.said.warnings, ...full.said.warnings]).toEqual([]);
    expect((await pruned.store.check()).problems).toEqual([]);
  });

  it("SYNC-18 a newcomer that has met only it knows that older messages were not fetched, and has them from a full one", async () => {
    const { full, pruned, floor } = await twoNodes();
    const newcomer = await Replica.start(network, { number: 3 });
    newcomer.replicator.setReach(LOBBY.roomId, 0);
    newcomer.meet(pruned);
    await time.until("it has what is there", () => newcomer.count() === 20);
    await time.until("it knows its floor", () => newcomer.log.floor() === floor);
    // What it claims of chains that begin in the middle is what it has.
    const chain = await newcomer.log.chain(full.root, full.device);
    expect(chain).toMatchObject({ gapFreeSeq: 40, tip: { seq: 40 } });
    // Another that meets only the two knows no more than they do.
    const second = await Replica.start(network, { number: 4 });
    second.replicator.setReach(LOBBY.roomId, 0);
    newcomer.meet(second);
    await time.until("the second knows its floor", () => second.log.floor() === floor);
    newcomer.meet(full);
    await time.until("it has everything", () => newcomer.count() === 60);
    await time.until("it claims everything", () => newcomer.log.floor() === 0);
    expect(await newcomer.ids()).toEqual(await full.ids());
    expect(toHex((await newcomer.log.heads(9))[0]?.id as Uint8Array)).toBe(
      toHex((await full.log.heads(9))[0]?.id as Uint8Array),
    );
    expect((await newcomer.store.check()).problems).toEqual([]);
  });

  it("SYNC-18 claims older messages again once it has fetched them, not when it wants them", async () => {
    const { full, pruned, floor } = await twoNodes();
    pruned.part(full);
    pruned.replicator.setReach(LOBBY.roomId, 0);
    await time.pass(1_000);
    expect(pruned.log.floor()).toBe(floor);
    pruned.meet(full);
    await time.until("it has everything", () => pruned.count() === 60);
    await time.until("it claims everything", () => pruned.log.floor() === 0);
    expect(await pruned.ids()).toEqual(await full.ids());
    const heads = async ({ log }: Replica) => (await log.heads(9)).map(({ id }) => toHex(id));
    expect(await heads(pruned)).toEqual(await heads(full));
    expect((await pruned.store.check()).problems).toEqual([]);
  });

  it("SYNC-18 of a peer's word about the future nothing is believed", async () => {
    const liar = await Replica.start(network, { number: 1 });
    await liar.log.setFloor(momentOf(time.nowMs()) + 4096 * 86_400_000);
    const node = await Replica.start(network, { number: 2 });
    node.meet(liar);
    await time.until("they have met", () => node.said.equal.length > 0);
    expect(node.log.floor()).toBe(0);
  });

  it("SYNC-41 does not count as holding what lies below its floor, though the rest is equal", async () => {
    const lonely = await Replica.start(network, { number: 1 });
    await lonely.write(texts(5, "written alone"), { quiet: true });
    await time.pass(60_000);
    const other = await Replica.start(network, { number: 2 });
    await other.log.setFloor(momentOf(time.nowMs()));
    await lonely.write(texts(5, "written later"), { quiet: true });
    lonely.meet(other);
    await time.until("they are equal", () => lonely.said.equal.length > 0, 2_000_000);
    expect(other.count()).toBe(5);
    expect(lonely.said.held).toEqual([]);
  });
});
