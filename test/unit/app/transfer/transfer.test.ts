import { beforeEach, describe, expect, test } from "vitest";
import type { ExportPage, ImportItem, ImportResult } from "../../../../src/app/transfer-api.ts";
import { fromBase64, toBase64 } from "../../../../src/core/codec/base64.ts";
import { toHex } from "../../../../src/core/codec/bytes.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { encodeEvent } from "../../../../src/core/log/event.ts";
import type { LogEvent, Proof } from "../../../../src/core/log/types.ts";
import { networkId, openRoom } from "../../../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Writer } from "../../../support/events.ts";
import { LOBBY, offlinePerson, type OfflinePerson } from "../../../support/offline-person.ts";

let ana: OfflinePerson;
let bob: OfflinePerson;
beforeEach(async () => {
  [ana, bob] = await Promise.all([offlinePerson(1), offlinePerson(2)]);
});

async function everyPage({ service }: OfflinePerson): Promise<ExportPage[]> {
  const pages: ExportPage[] = [];
  for (let after: string | undefined; ;) {
    const page = await service.exportPage({
      room: "lobby",
      ...(after === undefined ? {} : { after }),
    });
    pages.push(page);
    if (page.next === undefined) return pages;
    after = page.next;
  }
}

function itemsOf(pages: readonly ExportPage[]): ImportItem[] {
  return pages.flatMap(({ certificates, events }) => [
    ...certificates.map((certificate) => ({ certificate })),
    ...events.map(({ author, wire, id }) => ({ author, wire, id })),
  ]);
}

function taken(
  { service }: OfflinePerson,
  items: readonly ImportItem[],
  options: { skipDamaged?: boolean; roomId?: string; last?: boolean } = {},
): Promise<ImportResult> {
  const { skipDamaged = false, roomId = toHex(LOBBY.roomId), last = false } = options;
  return service.importPage({ room: "#lobby", roomId, items, skipDamaged, last });
}

async function store(
  person: OfflinePerson,
  events: readonly LogEvent[],
  proof: Proof = "verified",
) {
  await person.log.append(events.map((event) => ({ event, proof, counts: false })));
}

const NOW = 1.8e14;
function writer(number: number): Writer {
  return new Writer(LOBBY.roomId, number);
}
function certificateItem({ certificate }: Writer): ImportItem {
  return { certificate: toBase64(certificate.wire) };
}
function item(event: LogEvent, wire = encodeEvent(event)): ImportItem {
  return { author: toHex(event.root), wire: toBase64(wire), id: toHex(event.id) };
}
/** The same event with a signature that is none. */
function unsigned(event: LogEvent): Uint8Array {
  const wire = encodeEvent(event);
  wire.fill(7, wire.length - 64);
  return wire;
}

describe("files of rooms", () => {
  test("EXPORT-1 every event comes again with its id and bytes, whatever its kind, in pages of any number", async () => {
    const carol = writer(10);
    await ana.store.putCertificate(carol.root, carol.device, 1, carol.certificate.wire);
    const strange = Array.from({ length: 600 }, (_, i) =>
      carol.write(`${i}`, { kind: i % 3 === 0 ? 77 : 2, moment: NOW + i }),
    );
    await store(ana, strange);
    await ana.service.send({ room: "lobby", text: "hello" });
    const pages = await everyPage(ana);
    expect(pages.length).toBeGreaterThan(2);
    const result = await taken(bob, itemsOf(pages).slice(0, 400));
    expect(result).toMatchObject({ refused: [], unproven: [], added: 398 });
    await taken(bob, itemsOf(pages), { last: true });
    const wires = async ({ log }: OfflinePerson): Promise<string[]> =>
      (await log.read({ limit: 10_000 })).map((event) => toHex(encodeEvent(event)));
    expect(await wires(bob)).toEqual(await wires(ana));
    expect(bob.log.count()).toBe(602);
    expect(await taken(bob, itemsOf(pages), { last: true })).toMatchObject({
      added: 0,
      known: 602,
    });
  });

  test("EXPORT-2 an event that says another id, author or room is refused", async () => {
    const carol = writer(10);
    const event = carol.write("hello", { moment: NOW });
    const elsewhere = new Writer(
      openRoom(nodeCrypto, networkId(nodeCrypto, "unit"), "#other").roomId,
      10,
    ).write("hello", { moment: NOW });
    const good = item(event) as Extract<ImportItem, { id: string }>;
    const altered = encodeEvent(event);
    altered[altered.length - 70] = 0x21;
    const wrong: ImportItem[] = [
      { ...good, id: good.id.replace(/./g, "0") },
      { ...good, author: toHex(writer(11).root) },
      { ...good, author: "abcd" },
      { ...good, author: "no key" },
      { ...good, wire: toBase64(altered) },
      { ...good, wire: good.wire.slice(4) },
      { ...good, wire: "%" },
      item(elsewhere),
    ];
    const { refused, added } = await taken(bob, [certificateItem(carol), ...wrong, good], {
      skipDamaged: true,
    });
    expect(refused.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(added).toBe(1);
    expect((await bob.log.positions({ limit: 9 })).map(({ id }) => toHex(id))).toEqual([good.id]);
  });

  test("EXPORT-3 an event without a certificate of its device is refused, and a false certificate too", async () => {
    const carol = writer(10);
    const event = carol.write("hello", { moment: NOW });
    expect(await taken(bob, [item(event)])).toMatchObject({
      added: 0,
      refused: [{ index: 0, why: "Nothing certifies its device." }],
    });
    const forged = carol.certificate.wire.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    const result = await taken(bob, [{ certificate: toBase64(forged) }, item(event)], {
      skipDamaged: true,
    });
    expect(result.refused.map(({ index }) => index)).toEqual([0, 1]);
    expect(await taken(bob, [certificateItem(carol), item(event)])).toMatchObject({ added: 1 });
    expect(await taken(bob, [item(event)])).toMatchObject({ known: 1, refused: [] });
  });

  test("EXPORT-4 a false signature counts where a later event names the one it stands in, in the page or in the store", async () => {
    const carol = writer(10);
    const events = Array.from({ length: 4 }, (_, i) => carol.write(`${i}`, { moment: NOW + i }));
    const [first, second, third, last] = events as [LogEvent, LogEvent, LogEvent, LogEvent];
    const result = await taken(bob, [
      certificateItem(carol),
      item(first),
      item(second, unsigned(second)),
      item(third, unsigned(third)),
    ]);
    // Nothing proves the two yet: whoever reads the file gives them again with what follows.
    expect(result).toMatchObject({ added: 1, unproven: [2, 3], refused: [] });
    const again = [item(second, unsigned(second)), item(third, unsigned(third))];
    expect(await taken(bob, [...again, item(last)])).toMatchObject({ added: 3, unproven: [] });

    await store(ana, [last]);
    await ana.store.putCertificate(carol.root, carol.device, 1, carol.certificate.wire);
    expect(await taken(ana, again)).toMatchObject({ added: 2, unproven: [] });
    const proofs = (await ana.log.read({ limit: 9 })).map(({ proof }) => proof);
    expect(proofs).toEqual(["unverified", "unverified", "verified"]);
  });

  test("EXPORT-5 an event of the future is refused", async () => {
    const carol = writer(10);
    const event = carol.write("later", { moment: momentOf(bob.time.nowMs() + 600_000) });
    expect(await taken(bob, [certificateItem(carol), item(event)])).toMatchObject({
      added: 0,
      refused: [{ index: 1, why: "It lies in the future." }],
    });
  });

  test("EXPORT-6 a file of another room is refused whole; one of a room that is not joined joins it", async () => {
    const carol = writer(10);
    const event = item(carol.write("hello", { moment: NOW }));
    const roomId = toHex(nodeCrypto.sha256(new Uint8Array(1)));
    await expect(taken(bob, [event], { roomId })).rejects.toMatchObject({ code: "wrong-room" });
    await bob.service.leave({ room: "lobby" });
    await expect(bob.service.exportPage({ room: "lobby" })).rejects.toMatchObject({
      code: "not-joined",
    });
    await expect(taken(bob, [event], { roomId })).rejects.toMatchObject({ code: "wrong-room" });
    expect(await bob.service.rooms()).toEqual([]);
    const items = [certificateItem(carol), event];
    expect(await taken(bob, items, { last: true })).toMatchObject({ joined: true, added: 1 });
    expect(await taken(bob, items)).toMatchObject({ joined: false, known: 1 });
    expect(await bob.service.rooms()).toMatchObject([{ room: "#lobby", messages: 1 }]);
  });

  test("EXPORT-8 an own event that the store lacks retires the device key, and the chain goes on under another", async () => {
    await ana.service.send({ room: "lobby", text: "before" });
    const items = itemsOf(await everyPage(ana));
    const restored = await offlinePerson(1);
    await taken(restored, items, { last: true });
    expect(restored.retired.length).toBe(1);
    const sent = await restored.service.send({ room: "lobby", text: "after" });
    const { device } = await restored.service.message({ room: "lobby", id: sent.id });
    expect(device).toBe(toHex(restored.retired[0]?.certificate.device as Uint8Array));
    // What is known already is no sign of a copy.
    await taken(ana, items, { last: true });
    expect(ana.retired).toEqual([]);
  });

  test("EXPORT-9 imported history is not news: nothing unread, no message told, the room read again", async () => {
    const carol = writer(10);
    const events = [carol.write("one", { moment: NOW }), carol.write("two", { moment: NOW + 1 })];
    await taken(bob, [certificateItem(carol), ...events.map((event) => item(event))], {
      last: true,
    });
    const types = bob.events.map(({ type }) => type);
    expect(types).not.toContain("message");
    expect(bob.events).toContainEqual({ type: "reread", room: "#lobby" });
    expect(await bob.service.rooms()).toMatchObject([{ unread: 0, messages: 2 }]);
  });

  test("what was good in a page is stored; what follows a damaged item only where that was asked for", async () => {
    const carol = writer(10);
    const events = [0, 1, 2].map((i) => item(carol.write(`${i}`, { moment: NOW + i })));
    const [first, second, third] = events as [ImportItem, ImportItem, ImportItem];
    const damaged = { ...second, id: "00" } as ImportItem;
    const items = [certificateItem(carol), first, damaged, third];
    expect(await taken(bob, items)).toMatchObject({ added: 1, refused: [{ index: 2 }] });
    expect(await taken(bob, items, { skipDamaged: true })).toMatchObject({ added: 1, known: 1 });
  });

  test("bytes that a page says are those of the event", async () => {
    await ana.service.send({ room: "lobby", text: "hello" });
    const [page] = await everyPage(ana);
    const [name, text] = page?.events ?? [];
    expect(page).toMatchObject({ room: "#lobby", network: "unit", total: 2 });
    expect(name).toMatchObject({ kind: "name", name: "person1", text: "person1" });
    expect(text).toMatchObject({ kind: "text", name: "person1", text: "hello" });
    expect(fromBase64(text?.wire ?? "").length).toBeGreaterThan(64);
  });
});
