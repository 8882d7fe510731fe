/** Linking from both sides over a virtual network: the first device is the real service, the new one the real conversation. */
import { describe, expect, it } from "vitest";
import { packFollowing, writeFollowing } from "../../../../src/app/devices/following.ts";
import { fromHex, toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { createCertificate } from "../../../../src/core/identity/certificate.ts";
import { type DeviceTicket, readDeviceTicket } from "../../../../src/core/network/device-ticket.ts";
import {
  encodeLinkAnswer,
  encodeLinkChallenge,
  LINK_PROTOCOL,
} from "../../../../src/core/network/link.ts";
import { nodeCrypto as crypto } from "../../../../src/node/crypto.ts";
import { askToBeLinked, type Kept } from "../../../../src/node/linking.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";
import { type PersonInScene, Scene } from "../../../support/scene.ts";

const author = async ({ service }: PersonInScene) => (await service.identity()).author;

/** One person with the phrase, and a machine that is nobody yet. */
async function scene() {
  const made = new Scene();
  const first = await made.person(1, { hasPhrase: true });
  const seed = crypto.sha256(utf8("the new device"));
  const other = async (own: Uint8Array) => {
    const node = made.network.node(crypto.signer(own).publicKey);
    await node.start({
      connected: () => undefined,
      disconnected: () => undefined,
      subscribers: () => undefined,
      addresses: () => undefined,
      notice: () => undefined,
      stream: (stream) => stream.abort("not served"),
    });
    made.network.dial(node, first.transport());
    await made.time.pass(1_000);
    return node;
  };
  const ticketOf = (text: string) => readDeviceTicket(crypto, text);

  /** @returns what was kept, or the code of the refusal */
  const link = async (
    ticket: DeviceTicket,
    own = seed,
    keep = async (kept: Kept): Promise<Kept> => kept,
  ): Promise<Kept | string> => {
    const stream = await (await other(own)).open(first.transport().peerId, LINK_PROTOCOL);
    const frames = stream.frames()[Symbol.asyncIterator]();
    const next = async () => (await frames.next()).value as Uint8Array;
    const asked = askToBeLinked(ticket, own, { frames: stream, next }, (_, kept) => keep(kept));
    const ended = asked.catch((error: unknown) =>
      isParleyError(error) ? error.code : String(error),
    );
    await made.time.pass(2_000);
    return ended;
  };
  return { made, first, link, ticketOf, seed };
}

describe("linking a device", () => {
  it("DEVICE-9 DEVICE-12 whoever shows the ticket is given what follows, and names, rooms and people are its own", async () => {
    const { made, first, link, ticketOf } = await scene();
    const bob = await made.person(2);
    made.network.dial(bob.transport(), first.transport());
    await bob.service.send({ room: "lobby", text: "hello" });
    await made.time.pass(5_000);
    await first.service.setPetname({ who: await author(bob), petname: "bobby" });
    await first.service.ignore({ who: await author(bob), on: true });
    const { ticket } = await first.service.linkDevice({});
    const linked = first.service.linkedDevice({ ticket });
    const kept = (await link(ticketOf(ticket))) as Kept;
    expect(kept.name).toBe("person1");
    expect(await linked).toMatchObject({ left: 0 });
    const { store } = await openMemoryStore();
    // Twice, as after a crash between the store and the file.
    for (const _ of [1, 2]) await writeFollowing(store, kept.following, () => ({ tcp: 1, ws: 2 }));
    const keys = (await store.listMeta("")).map(({ key }) => key);
    const id = await author(bob);
    for (const wanted of ["name", "room/unit/#lobby", `person/${id}`, `ignore/${id}`])
      expect(keys).toContain(wanted);
    expect(keys.some((key) => key.startsWith("read/") || key.startsWith("held/"))).toBe(false);
    const called = (await first.service.devices()).find(({ current }) => !current);
    expect(called).toMatchObject({ revoked: false });
  });

  it("DEVICE-9 DEVICE-10 a ticket is for one device, until it has expired or a newer one was made; each refusal has its code", async () => {
    const { made, first, link, ticketOf, seed } = await scene();
    const old = await first.service.linkDevice({});
    const { ticket } = await first.service.linkDevice({ lifetimeMs: 60_000 });
    expect(await link(ticketOf(old.ticket))).toBe("link-expired");
    const never = { ...ticketOf(ticket), seed: new Uint8Array(16).fill(5) };
    expect(await link(never)).toBe("link-unknown");
    // Signed for another identity than the one that answers.
    expect(await link({ ...ticketOf(ticket), root: new Uint8Array(32).fill(5) })).toBe(
      "link-unknown",
    );
    const linked = first.service.linkedDevice({ ticket });
    const another = crypto.sha256(utf8("another"));
    // It has shown it and lost what it was given: nobody else may, and it may again.
    const lost = await link(ticketOf(ticket), seed, async () => {
      throw new Error("the disk is full");
    });
    expect(lost).toContain("the disk is full");
    expect(await link(ticketOf(ticket), another)).toBe("link-used");
    expect(await link(ticketOf(ticket))).toMatchObject({ name: "person1" });
    for (const own of [another, seed]) expect(await link(ticketOf(ticket), own)).toBe("link-used");
    await linked;
    const third = await first.service.linkDevice({ lifetimeMs: 60_000 });
    const waiting = first.service.linkedDevice({ ticket: third.ticket });
    const over = waiting.catch((error: Error) => error.message);
    await made.time.pass(61_000);
    expect(await over).toContain("not good any more");
    expect(await link(ticketOf(third.ticket))).toBe("link-expired");
  });

  it("DEVICE-10 a ticket is out until it is used, has expired or its device was revoked", async () => {
    const { made, first, link, ticketOf } = await scene();
    const { linking } = first.service["ownDevices"];
    expect(linking.isOut).toBe(false);
    await first.service.linkDevice({ lifetimeMs: 60_000 });
    const { ticket } = await first.service.linkDevice({ lifetimeMs: 60_000 });
    // Of those before it none is.
    expect(linking.isOut).toBe(true);
    expect(await link(ticketOf(ticket))).toMatchObject({ name: "person1" });
    expect(linking.isOut).toBe(false);
    await first.service.linkDevice({ lifetimeMs: 60_000 });
    await made.time.pass(59_000);
    expect(linking.isOut).toBe(true);
    await made.time.pass(1_000);
    expect(linking.isOut).toBe(false);
    await first.service.linkDevice({});
    const second = await made.person(1, { device: "second" });
    made.network.dial(first.transport(), second.transport());
    await second.service.send({ room: "lobby", text: "x" });
    await first.service.send({ room: "lobby", text: "y" });
    await made.time.pass(5_000);
    expect(linking.isOut).toBe(true);
    await second.service.revokeDevice({ device: (await first.service.identity()).device });
    await made.time.pass(5_000);
    expect(linking.isOut).toBe(false);
  });

  it("DEVICE-10 without the phrase there is no ticket, and a revoked device makes none", async () => {
    const { made, first } = await scene();
    const second = await made.person(1, { device: "second" });
    await expect(second.service.linkDevice({})).rejects.toThrow("phrase is not on this device");
    await expect(first.service.linkDevice({ lifetimeMs: 2 * 3_600_000 })).rejects.toThrow(
      "minutes",
    );
    made.network.dial(first.transport(), second.transport());
    await second.service.send({ room: "lobby", text: "x" });
    await first.service.send({ room: "lobby", text: "y" });
    await made.time.pass(5_000);
    const { device } = await first.service.identity();
    await second.service.revokeDevice({ device });
    await made.time.pass(5_000);
    await expect(first.service.linkDevice({})).rejects.toThrow("revoked");
  });

  it("DEVICE-11 DEVICE-12 the new device takes no certificate of anybody else, and no record that is not in the table", async () => {
    const { ticketOf, first, seed } = await scene();
    const ticket = ticketOf((await first.service.linkDevice({})).ticket);
    const stranger = crypto.signer(new Uint8Array(32).fill(9));
    const device = crypto.signer(seed).publicKey;
    const wrong = createCertificate(stranger, { device, x25519: device, serial: 1 });
    const answers = [encodeLinkChallenge(new Uint8Array(16)), encodeLinkAnswer(wrong.wire)];
    const said = askToBeLinked(
      ticket,
      seed,
      { frames: { send: async () => undefined }, next: async () => answers.shift() as Uint8Array },
      async () => "kept",
    );
    await expect(said).rejects.toThrow("rules of linking");
    const id = "ab".repeat(32);
    const bad = [
      { key: "synced", value: new Uint8Array(0) },
      { key: `person/${id}`, value: encodeCbor(7) },
      { key: `person/${id}/x`, value: encodeCbor([null, null, true]) },
      { key: `net/${id}`, value: encodeCbor(["x"]) },
      { key: `net/${id}`, value: encodeCbor(null) },
      { key: "room/unit/#Not Canonical", value: new Uint8Array(0) },
      { key: "room/unit/#lobby", value: encodeCbor([fromHex("ab")]) },
      { key: `successor/${id}`, value: new Uint8Array(31) },
      { key: `revoked/${id}/${id}/${id}/${id}`, value: encodeCbor([1, 2, 3]) },
      { key: "peer/unit//ip4/1.2.3.4", value: utf8("x") },
    ];
    for (const record of bad) expect(() => packFollowing([record]), record.key).toThrow("rules");
    expect(toHex(packFollowing([{ key: "name", value: utf8("ana") }]))).not.toBe("");
  });
});
