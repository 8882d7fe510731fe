import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/codec/bytes.ts";
import { createIdentity, openIdentity } from "../../../src/node/identity.ts";

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "parley-keys-")), "identity.json");
});
afterEach(() => rm(join(path, ".."), { recursive: true }));

const nobody = (): Promise<string> => Promise.reject(new Error("nobody was to be asked"));
const nowMs = Date.UTC(2026, 5, 1);

describe("the key file", () => {
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
    expect(await readFile(path, "utf8")).toContain(toHex(made.device.certificate.device));
  });
});
