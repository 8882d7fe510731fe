import { expect, it } from "vitest";
import { Emitter } from "../../../../src/app/emitter.ts";
import { CatchUps } from "../../../../src/app/online/catch-ups.ts";
import { momentOf } from "../../../../src/core/log/clock.ts";
import { KIND_SEALED, KIND_TEXT, type StoredEvent } from "../../../../src/core/log/types.ts";
import { Writer } from "../../../support/events.ts";

const silent = (): void => undefined;

it("what is sealed counts among the messages of a long history of which nobody was told, once it is open", () => {
  const catchUps = new CatchUps(new Emitter({ debug: silent, info: silent, warn: silent }));
  const nowMs = Date.UTC(2026, 5, 1);
  const writer = new Writer(new Uint8Array(32), 1);
  const stored = Array.from({ length: 3 }, () => ({
    event: {
      ...writer.write("", { kind: KIND_SEALED, moment: momentOf(nowMs - 86_400_000) }),
      proof: "verified" as const,
    },
    outcome: "new" as const,
  }));
  // The last one does not open.
  const opened = (event: StoredEvent): StoredEvent =>
    event === stored[2]?.event ? event : { ...event, kind: KIND_TEXT };
  catchUps.progress("#tea", "peer", 1_000, 9_000);
  expect(catchUps.tells("#tea", stored, nowMs, opened)).toBe(false);
  expect(catchUps.ended("#tea", "peer")).toBe(2);
});
