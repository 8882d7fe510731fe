import { expect, it } from "vitest";
import { RequestBox } from "../../../../src/app/direct/requests.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";

it("records of another form are passed over and taken away; the others are read, the oldest first", async () => {
  const { store } = await openMemoryStore();
  const [ana, bob, eve] = ["a", "b", "e"].map((digit) => digit.repeat(64)) as [
    string,
    string,
    string,
  ];
  const before = new RequestBox(store, "net");
  await before.put(bob, "bob", "later", 2_000);
  await before.put(ana, "ana", "first", 1_000);
  await before.take(eve, true, 3_000);
  const bad: [string, Uint8Array][] = [
    [`asked/net/${"c".repeat(64)}`, encodeCbor(["carol", 7, 1_000])],
    [`asked/net/${"d".repeat(64)}`, Uint8Array.of(0xff)],
    ["asked/net/nobody", encodeCbor(["x", "y", 1])],
    [`refused/net/${"f".repeat(64)}`, encodeCbor("never")],
  ];
  await store.writeMeta(bad.map(([key, value]) => ({ key, value })));
  const box = new RequestBox(store, "net");
  await box.open();
  expect([...box.list()].map(([author, { text }]) => [author, text])).toEqual([
    [ana, "first"],
    [bob, "later"],
  ]);
  expect(box.isRefused(eve)).toBe(true);
  for (const [key] of bad) expect(await store.getMeta(key)).toBeUndefined();
});
