import { describe, expect, it } from "vitest";
import { SignatureChecks } from "../../../../src/app/upkeep/signature-checks.ts";
import { SIGNATURE_CHECKS_STEP_COUNT } from "../../../../src/core/codec/limits.ts";
import type { Crypto } from "../../../../src/core/crypto/port.ts";
import type { Proof, LogEvent } from "../../../../src/core/log/types.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import type { KvStore } from "../../../../src/storage/store.ts";
import { Writer } from "../../../support/events.ts";
import { openMemoryStore } from "../../../support/memory-store.ts";

const roomId = new Uint8Array(32).fill(1);
const COUNT = 3 * SIGNATURE_CHECKS_STEP_COUNT;
const SPOILED = 100;

/** A run of which one signature in the middle is false, as a catch-up brings it: only the last was checked. */
function run(): { events: LogEvent[]; good: LogEvent } {
  const writer = new Writer(roomId, 1);
  const events = Array.from({ length: COUNT }, (_, i) => writer.write(`text ${i}`));
  const good = events[SPOILED] as LogEvent;
  events[SPOILED] = { ...good, signature: new Uint8Array(64).fill(7) };
  return { events, good };
}

async function filled(): Promise<{ store: KvStore; events: LogEvent[]; good: LogEvent }> {
  const { store } = await openMemoryStore();
  const { events, good } = run();
  const log = await store.room(roomId);
  await log.append(
    events.map((event, i) => ({
      event,
      proof: i === events.length - 1 ? "verified" : "unverified",
      counts: true,
    })),
  );
  return { store, events, good };
}

/** Checks over a store, counting what is verified. */
async function checksOf(
  store: KvStore,
): Promise<{ checks: SignatureChecks; verified: () => number }> {
  let count = 0;
  const crypto: Crypto = {
    ...nodeCrypto,
    verify: (key, message, signature) => {
      count++;
      return nodeCrypto.verify(key, message, signature);
    },
  };
  const log = await store.room(roomId);
  return {
    checks: new SignatureChecks({ store, crypto, logs: () => [log] }),
    verified: () => count,
  };
}

async function toTheEnd(checks: SignatureChecks): Promise<number> {
  let steps = 0;
  while (await checks.step()) steps++;
  return steps;
}

async function proofs(store: KvStore): Promise<Proof[]> {
  const log = await store.room(roomId);
  return (await log.read({ limit: COUNT })).map(({ proof }) => proof);
}

describe("signatures checked while it is quiet", () => {
  it("EVENT-9 in small steps, each once, and a false one is remembered", async () => {
    const { store } = await filled();
    const { checks, verified } = await checksOf(store);
    expect(await toTheEnd(checks)).toBeGreaterThanOrEqual(COUNT / SIGNATURE_CHECKS_STEP_COUNT);
    expect(verified()).toBe(COUNT - 1);
    const found = await proofs(store);
    expect(found[SPOILED]).toBe("bad");
    expect(found.filter((proof) => proof === "verified")).toHaveLength(COUNT - 1);
    const again = await checksOf(store);
    await toTheEnd(again.checks);
    expect(again.verified()).toBe(0);
  });

  it("EVENT-9 a start goes on where everything was checked, and what comes below is checked too", async () => {
    const { store } = await filled();
    await toTheEnd((await checksOf(store)).checks);
    const log = await store.room(roomId);
    const older = new Writer(roomId, 2).write("older", { moment: 1e14 });
    await log.append([{ event: older, proof: "unverified", counts: true }]);
    const { checks, verified } = await checksOf(store);
    await checks.stored(roomId, await log.read({ limit: 1 }));
    await toTheEnd(checks);
    expect(verified()).toBe(1);
    expect((await proofs(store))[0]).toBe("verified");
  });

  it("EVENT-9 a good one met later takes the place of a false one, and no false one that of another", async () => {
    const { store, events, good } = await filled();
    const log = await store.room(roomId);
    const foreign = { ...(events[5] as LogEvent), signature: new Uint8Array(64).fill(9) };
    await log.append([{ event: foreign, proof: "bad", counts: false }]);
    expect((await proofs(store))[5]).toBe("unverified");
    await toTheEnd((await checksOf(store)).checks);
    await log.append([{ event: good, proof: "verified", counts: false }]);
    const [mended] = await log.find([good.id]);
    expect(mended).toMatchObject({ proof: "verified", signature: good.signature });
    await log.append([{ event: events[SPOILED] as LogEvent, proof: "bad", counts: false }]);
    expect((await proofs(store))[SPOILED]).toBe("verified");
  });
});
