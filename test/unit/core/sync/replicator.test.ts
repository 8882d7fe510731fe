import { beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

let time: VirtualTime;
let network: VirtualNetwork;

beforeEach(() => {
  time = new VirtualTime();
  network = new VirtualNetwork(time, 1);
});

function texts(count: number, of = ""): string[] {
  return Array.from({ length: count }, (_, i) => `${of} text number ${i}`);
}

async function equal(...replicas: Replica[]): Promise<boolean> {
  const [first, ...others] = await Promise.all(replicas.map((replica) => replica.ids()));
  return others.every((ids) => ids.join() === first?.join());
}

describe("replicator", () => {
  it("GOSSIP-1 what one node announces the other stores", async () => {
    const a = await Replica.start(network, { number: 1 });
    const b = await Replica.start(network, { number: 2 });
    a.meet(b);
    await time.pass(100);
    await a.write(texts(5));
    await time.until("all five", () => b.count() === 5, 1_000);
    expect(b.said.stored.map(({ source }) => source)).toEqual(Array(5).fill("live"));
    expect(await equal(a, b)).toBe(true);
  });

  it("SYNC-1 a newcomer gets everything, in one round trip after the greeting", async () => {
    const a = await Replica.start(network, { number: 1 });
    await a.write(texts(3_000), { quiet: true });
    const b = await Replica.start(network, { number: 2 });
    b.meet(a);
    await time.until("everything", () => b.count() === 3_000, 100);
    expect(await equal(a, b)).toBe(true);
    expect(
      b.said.stored.every(({ source, outcome }) => source === "sync" && outcome === "new"),
    ).toBe(true);
  });

  it("SYNC-2 both sides end with what either had", async () => {
    const a = await Replica.start(network, { number: 1 });
    const b = await Replica.start(network, { number: 2 });
    await a.write(texts(1_000, "a"), { quiet: true });
    a.meet(b);
    await time.until("shared", () => b.count() === 1_000, 1_000);
    a.part(b);
    await a.write(texts(100, "a"), { quiet: true });
    await b.write(texts(100, "b"), { quiet: true });
    network.traffic.frameBytes = 0;
    b.meet(a);
    await time.until("equal", () => a.count() === 1_200 && b.count() === 1_200, 1_000);
    expect(await equal(a, b)).toBe(true);
    await time.pass(1_000);
    expect(a.said.held.at(-1)).toEqual({
      device: toHex(a.device),
      seq: 1_100,
      root: toHex(b.root),
    });
    expect(b.said.held.at(-1)).toEqual({ device: toHex(b.device), seq: 100, root: toHex(a.root) });
    expect(a.said.warnings).toEqual([]);
  });
});
