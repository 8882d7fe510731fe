import { describe, expect, it } from "vitest";
import { MailStore, type NewMail } from "../../../../src/app/direct/mail-store.ts";
import {
  MAIL_KEPT_MAX_BYTES,
  MAIL_KEPT_MAX_MS,
  MAIL_MAILBOX_MAX_BYTES,
  MAIL_OVERHEAD_BYTES,
  MAIL_SEALED_MAX_BYTES,
  MAIL_SENDER_MAX_BYTES,
} from "../../../../src/core/codec/limits.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";

const MOST: Uint8Array = new Uint8Array(MAIL_SEALED_MAX_BYTES);
const SIZE = MOST.length + MAIL_OVERHEAD_BYTES;

/** @param place among those of the sender */
function mail(mailbox: number, sender: number, place: number, sealed: Uint8Array = MOST): NewMail {
  const hex = (value: number, length: number): string => value.toString(16).padStart(length, "0");
  return { mailbox: hex(mailbox, 64), sender: hex(sender, 32), place: hex(place, 32), sealed };
}

async function empty() {
  const { store } = await openMemoryStore();
  return { store, mails: new MailStore(store, "net") };
}

describe("mail that is carried", () => {
  it("DIRECT-11 one sender cannot have more than their share, and what takes a place over counts once", async () => {
    const { mails } = await empty();
    const most = Math.floor(MAIL_SENDER_MAX_BYTES / SIZE);
    for (let i = 0; i < most; i++) expect(await mails.put(mail(i, 1, i), i)).toBe(true);
    expect(await mails.put(mail(most, 1, most), 99)).toBe(false);
    expect(await mails.put(mail(0, 1, 0), 99)).toBe(true);
    expect(await mails.put(mail(most, 2, 0), 99)).toBe(true);
  });

  it("DIRECT-11 in a full mailbox, and in a full store, the oldest of whoever takes most goes, and nobody takes all", async () => {
    const { mails, store } = await empty();
    const inMailbox = Math.floor(MAIL_MAILBOX_MAX_BYTES / SIZE);
    for (let i = 0; i < inMailbox; i++) expect(await mails.put(mail(7, 1, i), i)).toBe(true);
    // Somebody else gets up to half of it, place by place.
    let others = 0;
    while (await mails.put(mail(7, 2, others), 100 + others)) others++;
    expect(Math.abs(others - inMailbox / 2)).toBeLessThanOrEqual(1);
    const kept = mails.of(mail(7, 0, 0).mailbox);
    expect(kept.length).toBe(inMailbox);
    const first = kept.find(({ sender }) => sender === mail(7, 1, 0).sender);
    expect(first?.keptMs).toBe(others);
    // Many strangers fill what there is; a new one finds room all the same.
    for (let sender = 10; sender < 200; sender++)
      for (let i = 0; i < 4; i++) await mails.put(mail(sender, sender, i), 1_000);
    expect(await mails.put(mail(1_000, 1_000, 0), 2_000)).toBe(true);
    const sizes = (await store.listMeta("mail-sealed/")).map(({ value }) => value.length);
    const total = sizes.reduce((sum, size) => sum + size + MAIL_OVERHEAD_BYTES, 0);
    expect(total).toBeLessThanOrEqual(MAIL_KEPT_MAX_BYTES);
    expect(total).toBeGreaterThan(MAIL_KEPT_MAX_BYTES - SIZE);
    expect((await store.listMeta("mail/")).length).toBe(sizes.length);
  });

  it("DIRECT-11 it is there after a start, the oldest first, until it was taken or has been there too long", async () => {
    const { mails, store } = await empty();
    const small = (byte: number): Uint8Array => new Uint8Array(10).fill(byte);
    for (const [place, atMs] of [
      [2, 1_000],
      [1, 2_000],
      [3, 3_000],
    ] as const)
      await mails.put(mail(1, 1, place, small(place)), atMs);
    const again = new MailStore(store, "net");
    await again.open();
    const kept = again.of(mail(1, 1, 1).mailbox);
    expect(await Promise.all(kept.map((each) => again.read(each)))).toEqual([2, 1, 3].map(small));
    const [first] = kept;
    if (!first) throw new Error("nothing is there");
    // What has come into its place while it was brought stays.
    await again.put(mail(1, 1, 2, small(9)), 4_000);
    await again.remove(first);
    expect(again.of(first.mailbox).length).toBe(3);
    await again.expire(2_000 + MAIL_KEPT_MAX_MS);
    expect(again.of(first.mailbox).map(({ keptMs }) => keptMs)).toEqual([3_000, 4_000]);
    for (const each of again.of(first.mailbox)) await again.remove(each);
    expect(await store.listMeta("mail")).toEqual([]);
  });
});
