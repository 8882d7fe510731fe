import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FileLine, fileLines } from "../../../../cli/files/lines.ts";
import { Importer } from "../../../../cli/files/importer.ts";
import { JsonlWriter } from "../../../../cli/files/jsonl.ts";
import { EXPORT_LINE_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { Writer } from "../../../support/events.ts";
import { LOBBY, offlinePerson, type OfflinePerson } from "../../../support/offline-person.ts";

const COUNT = 700;
let lines: string[];
let bob: OfflinePerson;

beforeAll(async () => {
  const ana = await offlinePerson(1);
  const carol = new Writer(LOBBY.roomId, 10);
  await ana.store.putCertificate(carol.root, carol.device, 1, carol.certificate.wire);
  await ana.log.append(
    Array.from({ length: COUNT }, (_, i) => ({
      event: carol.write(`message ${i}`, { moment: 1.8e14 + i }),
      proof: "verified" as const,
      counts: false,
    })),
  );
  const writer = new JsonlWriter();
  let page = await ana.service.exportPage({ room: "lobby" });
  let text = writer.begin(page) + writer.page(page);
  while (page.next !== undefined) {
    page = await ana.service.exportPage({ room: "lobby", after: page.next });
    text += writer.page(page);
  }
  lines = (text + writer.end()).trimEnd().split("\n");
});

beforeEach(async () => {
  bob = await offlinePerson(2);
});

/** @param chunk bytes a read gives at a time */
async function imported(text: string, skipDamaged = false, chunk = 1_000) {
  const skipped: number[] = [];
  const importer = new Importer({
    api: bob.service,
    skipDamaged,
    skipped: (line) => skipped.push(line),
  });
  async function* chunks() {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  for await (const line of fileLines(chunks(), EXPORT_LINE_MAX_BYTES)) await importer.take(line);
  return { total: await importer.finish(), skipped };
}

describe("importing lines", () => {
  test("a whole file, with blank lines and lines of a later kind in it", async () => {
    const [head, ...rest] = lines;
    const text = [head, "", '{"v":1,"type":"reaction"}', ...rest, ""].join("\r\n");
    const { total, skipped } = await imported(text);
    expect(total).toEqual({
      room: "#lobby",
      joined: false,
      added: COUNT,
      known: 0,
      overQuota: 0,
      damaged: 0,
    });
    expect(skipped).toEqual([]);
  });

  const damages: [string, (lines: string[]) => string[], number, number][] = [
    ["no JSON", (all) => all.with(300, "{"), 301, 1],
    ["another version", (all) => all.with(300, '{"v":2,"type":"event"}'), 301, 1],
    ["a field that is missing", (all) => all.with(300, '{"v":1,"type":"event"}'), 301, 1],
    ["a text that is no object", (all) => all.with(300, "null"), 301, 1],
    ["too long", (all) => all.with(300, "x".repeat(EXPORT_LINE_MAX_BYTES + 1)), 301, 1],
    [
      "an event altered",
      (all) => all.with(300, (all[300] ?? "").replace(/"id":"../, '"id":"zz')),
      301,
      1,
    ],
    ["a line lost", (all) => all.toSpliced(300, 1), COUNT + 2, 1],
    ["cut short", (all) => all.slice(0, 401), 402, COUNT - 399],
    ["something behind the end", (all) => [...all, all[5] ?? ""], COUNT + 4, 0],
  ];
  test.each(damages)("EXPORT-7 %s: named by its number", async (_, damage, line, lost) => {
    const text = damage(lines).join("\n");
    await expect(imported(text)).rejects.toMatchObject({
      code: "damaged-line",
      message: expect.stringMatching(`^Line ${line} is damaged: `),
    });
    // Everything before it is stored, and nothing behind it.
    expect(bob.log.count()).toBe(Math.min(line - 3, COUNT - (lost === 1 && line > COUNT ? 1 : 0)));
    const { total, skipped } = await imported(text, true);
    expect(skipped).toEqual([line]);
    expect(bob.log.count()).toBe(COUNT - lost);
    expect(total.damaged).toBe(1);
  });

  test("EXPORT-7 a line with a false signature is named once nothing can prove it any more", async () => {
    const last = JSON.parse(lines[COUNT + 1] ?? "") as { wire: string };
    const wire = Buffer.from(last.wire, "base64");
    wire.fill(7, wire.length - 64);
    const text = lines.with(COUNT + 1, JSON.stringify({ ...last, wire: wire.toString("base64") }));
    await expect(imported(text.join("\n"))).rejects.toThrow(
      `Line ${COUNT + 2} is damaged: Its signature`,
    );
    expect(bob.log.count()).toBe(COUNT - 1);
    expect((await imported(text.join("\n"), true)).skipped).toEqual([COUNT + 2]);
  });

  test("EXPORT-7 a file whose first line behind the head is damaged changes nothing: its room is not joined", async () => {
    await bob.service.leave({ room: "lobby" });
    await expect(imported(lines.with(1, "{").join("\n"))).rejects.toMatchObject({
      message: expect.stringMatching(/^Line 2 is damaged: /),
    });
    expect(await bob.service.rooms()).toEqual([]);
    expect((await imported(lines.join("\n"))).total).toMatchObject({ joined: true, added: COUNT });
  });

  test.each(["", "\n\n", "# Lobby\n", '{"v":1,"type":"event"}\n', '{"v":7,"type":"export"}\n'])(
    "%j is no export",
    async (text) => {
      await expect(imported(text, true)).rejects.toMatchObject({ code: "bad-export" });
    },
  );
});

test("lines come whole whatever the chunks are, with their number; what is too long is not kept", async () => {
  async function* bytes(size: number) {
    const all = Buffer.from("ä\n\n  \nlonger than ten\nend");
    for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
  }
  for (const size of [1, 2, 7, 100]) {
    const found: FileLine[] = [];
    for await (const line of fileLines(bytes(size), 10)) found.push(line);
    expect(found.map(({ number, text }) => [number, text])).toEqual([
      [1, "ä"],
      [4, undefined],
      [5, "end"],
    ]);
  }
});
