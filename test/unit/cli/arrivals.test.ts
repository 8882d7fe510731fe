import { expect, test } from "vitest";
import { Arrivals } from "../../../cli/arrivals.ts";
import type { AppEvent, ParleyApi } from "../../../src/app/api.ts";
import { HISTORY_PAGE_MAX_COUNT } from "../../../src/core/codec/limits.ts";
import { Writer } from "../../support/events.ts";
import { LOBBY, offlinePerson } from "../../support/offline-person.ts";

/** Somebody's rooms over a line that can be cut: what the node says is said by the test. */
async function overLine() {
  const ana = await offlinePerson(1);
  const listeners = new Set<(event: AppEvent) => void>();
  const api = new Proxy(ana.service, {
    get(service, name) {
      if (name !== "subscribe") return Reflect.get(service, name).bind(service);
      return (listener: (event: AppEvent) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      };
    },
  }) as unknown as ParleyApi;
  const say = (event: AppEvent): void => listeners.forEach((listener) => listener(event));
  return { ana, api, say };
}

test("what came while nobody answered is given whole, however much it is", async () => {
  const { ana, api, say } = await overLine();
  const arrivals = await Arrivals.begin(api, "#lobby");
  const carol = new Writer(LOBBY.roomId, 10);
  const missed = Array.from({ length: 2 * HISTORY_PAGE_MAX_COUNT + 5 }, (_, i) =>
    carol.write(`${i}`, { moment: 1.8e14 + i }),
  );
  await ana.log.append(missed.map((event) => ({ event, proof: "verified", counts: true })));
  say({ type: "resumed" });
  const texts: string[] = [];
  for await (const { text } of arrivals.all())
    if (texts.push(text) === missed.length) arrivals.end();
  expect(texts).toEqual(missed.map((_, i) => `${i}`));
});

test("of a long history behind what is new only the number of its messages is said", async () => {
  const { api, say } = await overLine();
  const older: number[] = [];
  const arrivals = await Arrivals.begin(api, "#lobby", (count) => older.push(count));
  say({ type: "reread", room: "#lobby", older: 3_000 });
  say({ type: "reread", room: "#other", older: 7 });
  say({ type: "reread", room: "#lobby" });
  arrivals.end();
  expect(await arrivals.all().next()).toEqual({ done: true, value: undefined });
  expect(older).toEqual([3_000]);
});
