/** Private networks between the devices of one person: the real networks of a profile, each over a virtual network of its own. */
import { beforeEach, describe, expect, it } from "vitest";
import { Networks } from "../../../../src/app/networks/networks.ts";
import { USUAL_NETWORK } from "../../../../src/app/networks/usual.ts";
import { NETWORKS_PROTOCOL } from "../../../../src/app/devices/networks-between.ts";
import { toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { NETWORKS_LEFT_MAX_COUNT, NETWORKS_MAX_COUNT } from "../../../../src/core/codec/limits.ts";
import { x25519PublicKey, x25519SecretKey } from "../../../../src/core/crypto/x25519.ts";
import { createCertificate } from "../../../../src/core/identity/certificate.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { promptCrypto } from "../../../support/prompt-crypto.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { VirtualNetwork, type VirtualTransport } from "../../../support/virtual-network.ts";
import { VirtualTime } from "../../../support/virtual-time.ts";

const OPEN = USUAL_NETWORK;
const silent = (): void => undefined;

let time: VirtualTime;
/** By scope: who has no key of a network is not in it. */
let worlds: Map<string, VirtualNetwork>;

beforeEach(() => {
  time = new VirtualTime();
  worlds = new Map();
});

type Device = Awaited<ReturnType<typeof device>>;

/** A device of the person of that number, with every network open, as in a node. */
async function device(person: number, called: string) {
  const seed = nodeCrypto.sha256(utf8(called));
  const root = nodeCrypto.signer(new Uint8Array(32).fill(person));
  const certificate = createCertificate(root, {
    device: nodeCrypto.signer(seed).publicKey,
    x25519: x25519PublicKey(x25519SecretKey(nodeCrypto, seed)),
    serial: 1,
  });
  const { store } = await openMemoryStore();
  const transports = new Map<string, VirtualTransport>();
  const networks = new Networks({
    store,
    profile: "default",
    asked: undefined,
    device: { seed, certificate },
    name: `person${person}`,
    newPorts: () => ({ tcp: 1, ws: 2 }),
    createTransport: async (deviceSeed, { scope }) => {
      const world = worlds.get(scope) ?? new VirtualNetwork(time, 1);
      worlds.set(scope, world);
      const transport = world.node(nodeCrypto.signer(deviceSeed).publicKey);
      transports.set(scope, transport);
      return transport;
    },
    retireDevice: () => Promise.reject(new Error("not in this test")),
    peerIdOf: toHex,
    onStop: silent,
    crypto: promptCrypto,
    clock: time,
    timers: time,
    random: new SeededRandom(person),
    logger: { debug: silent, info: silent, warn: silent },
    version: "test",
    pid: 1,
    localOnly: true,
  });
  await networks.open();
  await networks.online(OPEN);
  await networks.openAll();
  const names = (): string[] => networks.own().map(({ entry }) => entry.name);
  const found = async (name: string) => {
    const network = await networks.found(name, undefined);
    await networks.online(network.scope);
    await time.pass(2_000);
    return network;
  };
  return { networks, names, found, certificate, store, transports };
}

function meet(a: Device, b: Device, scope = OPEN): void {
  const [mine, theirs] = [a.transports.get(scope), b.transports.get(scope)];
  if (!mine || !theirs) throw new Error("one of them is not in that network");
  worlds.get(scope)?.dial(mine, theirs);
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i++) {
    if (i === 600) throw new Error(`waited in vain: ${what}`);
    await time.pass(100);
  }
}

/** What the first frame of an answer says, or that there is none. */
async function asked(by: Device, of: Device, certificate: Uint8Array): Promise<unknown> {
  const to = of.transports.get(OPEN)?.peerId ?? "";
  const stream = await by.transports.get(OPEN)?.open(to, NETWORKS_PROTOCOL);
  await stream?.send(encodeCbor([certificate, 0]));
  const first = stream?.frames()[Symbol.asyncIterator]().next();
  const answer = first?.then(
    ({ value }) => (value ? decodeCbor(value as Uint8Array) : "nothing"),
    () => "nothing",
  );
  await time.pass(1_000);
  return answer;
}

describe("private networks between the devices of one person", () => {
  it("DEVICE-18 DEVICE-19 what one founds or is in comes to the other with its rooms, and its members know the other from then on", async () => {
    const [first, second] = [await device(1, "desk"), await device(1, "laptop")];
    const maple = await first.found("maple");
    meet(first, second);
    await eventually("the second one has it", () => second.names().includes("maple"));
    // What commands act in stays what it was.
    expect(await second.networks.scope()).toBe(OPEN);
    const own = second.networks.byName("maple");
    expect(own?.secret()).toEqual(maple.secret());
    const mine = await first.networks.service(maple.scope);
    const theirs = await second.networks.service(maple.scope);
    const known = mine.membership?.members.view().members.get(toHex(first.certificate.root));
    expect([...(known?.devices.keys() ?? [])].sort()).toEqual(
      [first, second].map(({ certificate }) => toHex(certificate.device)).sort(),
    );
    await mine.join({ room: "garden" });
    await time.finish(mine.send({ room: "garden", text: "roses" }));
    meet(first, second, maple.scope);
    await eventually("the room has followed", async () => (await theirs.rooms()).length > 0);
    await eventually("what was said has followed", async () =>
      (await theirs.history({ room: "garden" })).messages.some(({ text }) => text === "roses"),
    );
    // While they are connected: at once.
    await second.found("birch");
    await eventually("the first one has the other", () => first.names().includes("birch"));
    // A secret that follows is for both.
    await mine.membership?.rotate([], time.nowMs());
    await eventually("the new secret is there", () => own?.entry.secrets.length === 2);
  });

  it("DEVICE-18 DEVICE-20 nobody else is told of any, nor who shows the certificate of another device, nor a revoked one", async () => {
    const [first, second] = [await device(1, "desk"), await device(1, "laptop")];
    const stranger = await device(2, "elsewhere");
    await first.found("maple");
    meet(first, stranger);
    await time.pass(2_000);
    for (const { certificate } of [stranger, second])
      expect(await asked(stranger, first, certificate.wire)).toBe("nothing");
    expect(stranger.names()).toEqual([]);
    meet(first, second);
    await eventually("the second one has it", () => second.names().includes("maple"));
    expect(await asked(second, first, first.certificate.wire)).toBe("nothing");
    // It itself is, also where the device of the link has asked before.
    expect(await asked(second, first, second.certificate.wire)).toContainEqual([
      `net/${toHex(first.networks.byName("maple")?.id ?? new Uint8Array())}`,
      expect.anything(),
    ]);
    // Where it is revoked they are in no room: it is said in the one network where they are, and holds in all.
    const [open, inMaple] = await Promise.all(
      [OPEN, first.networks.byName("maple")?.scope ?? ""].map((it) => first.networks.service(it)),
    );
    if (!open || !inMaple) throw new Error("it is gone");
    await time.finish(inMaple.join({ room: "lobby" }));
    const lost = toHex(second.certificate.device);
    await time.finish(open.revokeDevice({ device: lost }));
    await eventually("it is let go", async () => (await open.peers()).length === 1);
    await first.found("birch");
    await time.pass(20_000);
    expect(second.names()).toEqual(["maple"]);
    // What follows in the network it has is not for it either, whatever door it comes to.
    const { membership } = inMaple;
    await time.finish(membership?.rotate([], time.nowMs()) ?? Promise.reject(new Error("open")));
    const rotations = membership?.members.view().rotations ?? [];
    const boxes = rotations.flatMap(({ record }) => record.boxes.map(([key]) => toHex(key)));
    expect(boxes).toEqual([toHex(first.certificate.device)]);
    const answer = ({ certificate: { device: key, wire } }: Device) =>
      membership
        ?.side({ isOut: false })
        .door.answer({ ticket: null, certificate: wire }, { device: key, nonce: utf8("nonce") });
    expect(await answer(first)).toBeInstanceOf(Uint8Array);
    expect(await answer(second)).toBe("not-a-member");
  });

  it("DEVICE-19 what was left on one stays away from it until it is joined again; so many are remembered, and so many taken", async () => {
    const [first, second] = [await device(1, "desk"), await device(1, "laptop")];
    const maple = await first.found("maple");
    meet(first, second);
    await eventually("the second one has it", () => second.names().includes("maple"));
    const own = second.networks.byName("maple");
    if (!own) throw new Error("it is gone");
    const { entry } = own;
    await second.networks.remove(own);
    const birch = await first.found("birch");
    await eventually("the next one has come", () => second.names().includes("birch"));
    expect(second.names()).toEqual(["birch"]);
    await second.networks.add(entry);
    const [again] = second.networks.own().filter(({ scope }) => scope === maple.scope);
    if (again) await second.networks.remove(again);
    for (let i = 0; i < NETWORKS_LEFT_MAX_COUNT; i++)
      await second.networks.entries.remove(
        nodeCrypto.sha256(Uint8Array.of(i)),
        time.nowMs() + 1 + i,
      );
    expect((await second.store.listMeta("net-left/")).length).toBe(NETWORKS_LEFT_MAX_COUNT);
    expect(await second.networks.entries.hasLeft(maple.id)).toBe(false);
    // A name that is taken gets a part of the id; beyond the bound nothing is taken.
    for (let i = 0; i < NETWORKS_MAX_COUNT; i++) {
      const id = nodeCrypto.sha256(Uint8Array.of(1, i));
      await second.networks.follow({ ...birch.entry, id }, []);
    }
    const taken = second.names();
    expect(taken.length).toBe(NETWORKS_MAX_COUNT);
    expect(new Set(taken).size).toBe(NETWORKS_MAX_COUNT);
    expect(taken[1]).toMatch(/^birch-[0-9a-f]{8}$/);
  });
});
