import { expect, it } from "vitest";
import type { AppEvent, Notice } from "../../../src/app/api.ts";
import { Emitter } from "../../../src/app/emitter.ts";
import { Notices } from "../../../src/app/notices.ts";
import { quiet } from "../../support/quiet.ts";

it("a notice is told again when anything a person reads of it has changed, and not otherwise", () => {
  const emitter = new Emitter(quiet);
  const told: AppEvent[] = [];
  emitter.subscribe((event) => told.push(event));
  const notices = new Notices(emitter);
  const notice: Notice = { level: "warn", code: "alone", text: "Nobody is here.", hint: "Wait." };
  notices.set(notice);
  notices.set({ ...notice });
  expect(told).toHaveLength(1);
  notices.set({ ...notice, hint: "Connect." });
  notices.set({ ...notice, hint: "Connect.", level: "error" });
  expect(told).toHaveLength(3);
  expect(notices.list()).toEqual([{ ...notice, hint: "Connect.", level: "error" }]);
});
