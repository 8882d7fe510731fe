import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/codec/bytes.ts";
import { createIdentity, createLinkedIdentity, openIdentity } from "../../../src/node/identity.ts";
import { unlock } from "../../../src/node/keystore.ts";

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "parley-keys-")), "identity.json");
});
afterEach(() => rm(join(path, ".."), { recursive: true }));

const nobody = (): Promise<string> => Promise.reject(new Error("nobody was to be asked"));
const nowMs = Date.UTC(2026, 5, 1);

describe("the key file", () => {
  it("DEVICE-13 of a linked device holds what follows, sealed as all else, until the store has it", async () => {
    const { device } = await createIdentity(path, { name: "ana", nowMs });
    await rm(path);
    const following = new Uint8Array(120_000).fill(7);
    const passphrase = "a word";
    await createLinkedIdentity(path, { name: "ana", passphrase, device, following });
    expect(await readFile(path, "utf8")).not.toContain("07070707");
    const opened = await openIdentity(path, async () => passphrase);
    expect([opened.phrase, opened.rootSign, opened.restored]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    expect(opened.following).toEqual(following);
    expect(opened.device).toEqual(device);
    await opened.followed();
    expect((await openIdentity(path, async () => passphrase)).following).toBeUndefined();
  });

  it("KEYSTORE-8 sets aside a sealed store that another one has left, and leaves one in clear where it is", async () => {
    const folder = join(path, "..");
    for (const name of ["store", "store.sealed"]) await mkdir(join(folder, name));
    await writeFile(join(folder, "store.sealed", "CURRENT"), "of the one before");
    await createIdentity(path, { name: "ana", passphrase: "a word", nowMs });
    const [identity, store, aside, ...more] = (await readdir(folder)).sort();
    expect([identity, store, more]).toEqual(["identity.json", "store", []]);
    expect(aside).toMatch(/^store\.sealed\.\d{8}T\d{9}Z$/);
    expect(await readFile(join(folder, String(aside), "CURRENT"), "utf8")).toBe(
      "of the one before",
    );
  });

  it("KEYSTORE-1 is its owner's alone, and refused where others can read it", async () => {
    const made = await createIdentity(path, { name: "ana", nowMs });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const opened = await openIdentity(path, nobody);
    expect([opened.name, opened.phrase]).toEqual(["ana", made.phrase]);
    expect(opened.device).toEqual(made.device);
    await expect(createIdentity(path, { name: "bob", nowMs })).rejects.toMatchObject({
      code: "identity-exists",
    });
    await chmod(path, 0o644);
    await expect(openIdentity(path, nobody)).rejects.toMatchObject({ code: "file-exposed" });
  });

  it("KEYSTORE-2 KEYSTORE-3 opens with its passphrase in any spelling of Unicode, and with no other", async () => {
    const made = await createIdentity(path, { name: "ana", passphrase: "caf\u00e9", nowMs });
    const text = await readFile(path, "utf8");
    expect(text).not.toContain(toHex(made.device.seed));
    expect((await openIdentity(path, async () => "cafe\u0301")).phrase).toBe(made.phrase);
    await expect(openIdentity(path, async () => "cafe")).rejects.toMatchObject({
      code: "wrong-passphrase",
    });
    expect(await readFile(path, "utf8")).toBe(text);
    for (const [field, value] of [
      ["memoryKib", 1024],
      ["memoryKib", 16_000_000],
      ["passes", 1],
      ["passes", 1000],
    ] as const) {
      const file = JSON.parse(text) as { sealed: Record<string, unknown> };
      file.sealed[field] = value;
      await writeFile(path, JSON.stringify(file));
      await expect(openIdentity(path, async () => "caf\u00e9")).rejects.toMatchObject({
        code: "identity-damaged",
      });
    }
  });

  it("KEYSTORE-4 a damaged file is said and left as it is", async () => {
    await writeFile(path, '{"version":1,', { mode: 0o600 });
    await expect(openIdentity(path, nobody)).rejects.toMatchObject({ code: "identity-damaged" });
    await expect(createIdentity(path, { name: "ana", nowMs })).rejects.toMatchObject({
      code: "identity-damaged",
    });
    expect(await readFile(path, "utf8")).toBe('{"version":1,');
  });

  it("KEYSTORE-5 a retired device is followed by another of the same person", async () => {
    const made = await createIdentity(path, { name: "ana", passphrase: "x", nowMs });
    const next = await made.retireDevice();
    const opened = await openIdentity(path, async () => "x");
    expect(opened.device).toEqual(next);
    expect(toHex(next.certificate.root)).toBe(toHex(made.device.certificate.root));
    expect(toHex(next.certificate.device)).not.toBe(toHex(made.device.certificate.device));
    const { file } = await unlock(path, async () => "x");
    expect(file.retired).toEqual([toHex(made.device.certificate.device)]);
  });

  it("KEYSTORE-6 with a passphrase nothing of the person stands in clear; an older file is sealed whole when it is opened", async () => {
    const made = await createIdentity(path, { name: "ana", passphrase: "x", nowMs });
    const text = await readFile(path, "utf8");
    const { root, device } = made.device.certificate;
    for (const said of ["ana", toHex(root), toHex(device)]) expect(text).not.toContain(said);
    expect(made.storeKey).toHaveLength(32);
    const again = await openIdentity(path, async () => "x");
    expect(again.storeKey).toEqual(made.storeKey);
    // As parley wrote it before the store was sealed.
    const old = await readFile(
      join(import.meta.dirname, "../../vectors/identity-sealed-1.json"),
      "utf8",
    );
    await writeFile(path, old, { mode: 0o600 });
    const opened = await openIdentity(path, async () => "an old passphrase");
    expect(opened.name).toBe("old ana");
    expect(opened.storeKey).toHaveLength(32);
    const { version } = JSON.parse(await readFile(path, "utf8")) as { version: number };
    expect(version).toBe(2);
    const third = await openIdentity(path, async () => "an old passphrase");
    expect([third.storeKey, third.device]).toEqual([opened.storeKey, opened.device]);
  });

  it("REST-1 KEYSTORE-7 another passphrase seals the same keys, and the one before opens nothing", async () => {
    const made = await createIdentity(path, { name: "ana", nowMs });
    const sealed = await made.setPassphrase("one");
    const other = await sealed.setPassphrase("two");
    expect(other.storeKey).toEqual(sealed.storeKey);
    await expect(openIdentity(path, async () => "one")).rejects.toMatchObject({
      code: "wrong-passphrase",
    });
    const opened = await openIdentity(path, async () => "two");
    expect([opened.storeKey, opened.device]).toEqual([sealed.storeKey, made.device]);
    const leaving = await opened.setPassphrase(undefined);
    expect(leaving.opening).toBe(true);
    expect((await openIdentity(path, async () => "two")).opening).toBe(true);
    await leaving.opened();
    const clear = await openIdentity(path, nobody);
    expect([clear.storeKey, clear.opening, clear.phrase]).toEqual([undefined, false, made.phrase]);
  });
});
