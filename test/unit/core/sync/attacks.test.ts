/** Whose signature proves what, under attack: whatever comes first and by which way, all nodes end with the same events. */
import { beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { encodePage } from "../../../../src/core/log/page.ts";
import type { LogEvent } from "../../../../src/core/log/types.ts";
import { sealEnvelope } from "../../../../src/core/room/envelope.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { RawPeer } from "../../../support/raw-peer.ts";
import { LOBBY, Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

const RUN_COUNT = 9;
const MIDDLE = 4;

let time: VirtualTime;
let network: VirtualNetwork;
/** The author whose run is attacked; on no node. */
let author: Writer;
let run: LogEvent[];

beforeEach(() => {
  nodes = 0;
  time = new VirtualTime();
  network = new VirtualNetwork(time, 1);
  author = new Writer(LOBBY.roomId, 60);
  run = Array.from({ length: RUN_COUNT }, (_, i) =>
    author.write(`${i}`, { moment: momentOf(time.nowMs()) + i }),
  );
});

function pageOf(events: readonly LogEvent[], of = author): Uint8Array {
  return encodePage(events, () => of.certificate.wire);
}

/** The event with one bit of its signature turned: its id stays the same. */
function falselySigned(event: LogEvent): LogEvent {
  const signature = event.signature.slice();
  signature[3] = (signature[3] as number) ^ 1;
  return { ...event, signature };
}

/** What was signed by the author, under what another device signed for it. */
function signedByAnother(event: LogEvent): LogEvent {
  const other = new Writer(LOBBY.roomId, 61).write("other", { moment: event.moment });
  return { ...event, signature: other.signature };
}

/** What the author said, and other words in its place. */
function altered(event: LogEvent): LogEvent {
  const content = event.content.slice();
  content[content.length - 1] = (content.at(-1) as number) ^ 1;
  return { ...event, content };
}

let nodes = 0;
const node = (): Promise<Replica> => Replica.start(network, { number: ++nodes });

/** Each attack on a node comes from another peer: one that broke a rule is not heard again for a while. */
const attacks = new WeakMap<Replica, number>();
function stranger(to: Replica): RawPeer {
  const count = attacks.get(to) ?? 0;
  attacks.set(to, count + 1);
  return new RawPeer(network, 230 + 3 * count);
}

/** Makes a peer of a node bring a page by reconciliation. */
async function bring(to: Replica, page: Uint8Array): Promise<void> {
  const peer = stranger(to);
  await peer.accept(to);
  await peer.greet();
  const { session } = await peer.next("open");
  peer.send({ type: "accept", session, floor: 0, count: 1_000, message: null, complete: 0 });
  peer.send({ type: "page", session, page });
  await time.pass(50);
  await peer.transport.stop();
  await time.pass(50);
}

/** Makes a peer of a node gossip a page. */
async function gossip(to: Replica, page: Uint8Array): Promise<void> {
  const peer = stranger(to);
  await peer.accept(to);
  await peer.transport.publish(LOBBY.topic, sealEnvelope(nodeCrypto, LOBBY, page));
  await time.pass(20);
  await peer.transport.stop();
  await time.pass(20);
}

/** Connects everybody, and expects all to end with exactly these events. */
async function allEndWith(
  replicas: readonly Replica[],
  events: readonly LogEvent[],
): Promise<void> {
  replicas.forEach((replica, i) => replica.meet(replicas[(i + 1) % replicas.length] as Replica));
  const wanted = events.map(({ id }) => toHex(id)).sort();
  const same = (): boolean => replicas.every((replica) => replica.count() === wanted.length);
  await time.until("everybody has everything", same, 120_000);
  await time.pass(5_000);
  for (const replica of replicas) expect((await replica.ids()).sort()).toEqual(wanted);
}

describe("a run in a page of reconciliation", () => {
  it("EVENT-4 SYNC-31 with one altered event in the middle is refused: the chain is broken there", async () => {
    const [victim, honest, third] = [await node(), await node(), await node()];
    const attack = run.map((event, i) => (i === MIDDLE ? altered(event) : event));
    await bring(victim, pageOf(attack));
    expect(victim.count()).toBe(0);
    await bring(honest, pageOf(run));
    expect(honest.count()).toBe(RUN_COUNT);
    await allEndWith([victim, honest, third], run);
  });

  it("EVENT-4 SYNC-31 whose head another device signed is refused, and a good one is taken afterwards", async () => {
    const [victim, honest] = [await node(), await node()];
    const head = run.at(-1) as LogEvent;
    await bring(victim, pageOf([...run.slice(0, -1), signedByAnother(head)]));
    expect(victim.count()).toBe(0);
    await bring(honest, pageOf(run));
    await allEndWith([victim, honest], run);
  });

  it("EVENT-4 EVENT-5 with a fork inside is two runs: each proves itself, and both are kept", async () => {
    const [first, second, third] = [await node(), await node(), await node()];
    const stem = run[MIDDLE] as LogEvent;
    const fork = [author.write("fork", { after: stem, moment: stem.moment + 100 })];
    fork.push(author.write("fork goes on", { moment: stem.moment + 101 }));
    await bring(first, pageOf([...run, ...fork]));
    expect(first.count()).toBe(RUN_COUNT + 2);
    await bring(second, pageOf(run));
    await bring(third, pageOf([...run.slice(0, MIDDLE + 1), ...fork]));
    await allEndWith([first, second, third], [...run, ...fork]);
    for (const replica of [first, second, third]) {
      expect((await replica.log.chain(author.root, author.device))?.equivocated).toBe(true);
    }
  });

  it("EVENT-4 with a fork whose end is false is refused whole", async () => {
    const victim = await node();
    const stem = run[MIDDLE] as LogEvent;
    const fork = author.write("fork", { after: stem, moment: stem.moment + 100 });
    await bring(victim, pageOf([...run, falselySigned(fork)]));
    expect(victim.count()).toBe(0);
  });
});

describe("a false signature on an event in the middle", () => {
  const spoiled = (): LogEvent[] =>
    run.map((event, i) => (i === MIDDLE ? falselySigned(event) : event));

  it("EVENT-4 GOSSIP-15 that comes live first is refused, and the run that proves the event is taken", async () => {
    const [victim, honest, third] = [await node(), await node(), await node()];
    await gossip(victim, pageOf([falselySigned(run[MIDDLE] as LogEvent)]));
    expect(victim.count()).toBe(0);
    await bring(victim, pageOf(spoiled()));
    expect(victim.count()).toBe(RUN_COUNT);
    await bring(honest, pageOf(run));
    await allEndWith([victim, honest, third], run);
  });

  it("EVENT-4 GOSSIP-15 that comes by a run first gives way to the good one that comes live", async () => {
    const victim = await node();
    await bring(victim, pageOf(spoiled()));
    const id = (run[MIDDLE] as LogEvent).id;
    expect((await victim.log.find([id]))[0]?.proof).toBe("unverified");
    await gossip(victim, pageOf([run[MIDDLE] as LogEvent]));
    const [stored] = await victim.log.find([id]);
    expect(stored?.proof).toBe("verified");
    expect(toHex(stored?.signature as Uint8Array)).toBe(toHex((run[MIDDLE] as LogEvent).signature));
  });

  it("EVENT-4 SYNC-30 is passed on by a node that has it unchecked, even where it ends a page, and all end alike", async () => {
    const [victim, second, third] = [await node(), await node(), await node()];
    await bring(victim, pageOf(spoiled()));
    // Only up to the spoiled one: the node must add what proves it.
    await bring(second, pageOf(run.slice(MIDDLE + 1)));
    await allEndWith([victim, second, third], run);
  });

  it("EVENT-4 is the same verdict in any order of ways: live, by run, spoiled and good", async () => {
    const ways = [
      (to: Replica) => gossip(to, pageOf([falselySigned(run[MIDDLE] as LogEvent)])),
      (to: Replica) => bring(to, pageOf(spoiled())),
      (to: Replica) => gossip(to, pageOf(run)),
      (to: Replica) => bring(to, pageOf(run.slice(0, MIDDLE + 1))),
    ];
    const replicas: Replica[] = [];
    for (const order of orders(ways.length)) {
      const replica = await node();
      for (const way of order) await (ways[way] as (to: Replica) => Promise<void>)(replica);
      replicas.push(replica);
    }
    await allEndWith(replicas, run);
  });
});

/** Every order of so many things. */
function orders(count: number): number[][] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, at) => order.toSpliced(at, 0, count - 1)),
  );
}
