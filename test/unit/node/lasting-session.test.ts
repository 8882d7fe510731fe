/** Sessions that go on when the command that answered has ended. */
import { describe, expect, test } from "vitest";
import type { AppEvent, ParleyApi } from "../../../src/app/api.ts";
import { ParleyError } from "../../../src/core/codec/errors.ts";
import { lastingSession, type Reader, type Session } from "../../../src/node/lasting-session.ts";
import { HANDED_OVER, LOST } from "../../../src/node/socket-client.ts";

/** One process that answers, as the socket shows it. */
class Answerer {
  readonly listeners = new Set<(event: AppEvent) => void>();
  readonly name: string;
  gone: string | undefined;
  closed = false;

  constructor(name: string) {
    this.name = name;
  }

  get session(): Session {
    const api = {
      addresses: async () => {
        if (this.gone !== undefined) throw new ParleyError(this.gone, "The node has ended.");
        return [{ address: this.name, reach: "machine" }];
      },
      subscribe: (listener: (event: AppEvent) => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    } as unknown as ParleyApi;
    const close = async (): Promise<void> => {
      this.closed = true;
    };
    return { api, how: "socket", close };
  }

  end(code: string, reason: string): void {
    this.gone = code;
    for (const listener of this.listeners) listener({ type: "closed", reason });
  }
}

/** A session over these, one after the other; `events` is what a listener of it hears. */
function sessionOver(...answerers: Answerer[]) {
  return sessionOf("command", ...answerers);
}

async function sessionOf(reader: Reader, ...answerers: Answerer[]) {
  const left = [...answerers];
  const session = await lastingSession(async () => {
    const next = left.shift();
    if (next === undefined) throw new ParleyError("store-locked", "Another process has it open.");
    return next.session;
  }, reader);
  const events: AppEvent[] = [];
  const listen = (): (() => void) => session.api.subscribe((event) => events.push(event));
  return { session, events, listen, left };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a session over the socket", () => {
  test("asks the next one for what the first did not take", async () => {
    const [first, second, third] = [new Answerer("1st"), new Answerer("2nd"), new Answerer("3rd")];
    const { session, left } = await sessionOver(first, second, third);
    expect(await session.api.addresses()).toMatchObject([{ address: "1st" }]);
    first.gone = "node-closing";
    const asked = await Promise.all([session.api.addresses(), session.api.addresses()]);
    expect(asked).toMatchObject([[{ address: "2nd" }], [{ address: "2nd" }]]);
    expect(left).toEqual([third]);
    await session.close();
    expect(second.closed).toBe(true);
  });

  test("never asks again what may have been done", async () => {
    const [first, second] = [new Answerer("first"), new Answerer("second")];
    const { session, left } = await sessionOver(first, second);
    first.gone = "node-gone";
    await expect(session.api.addresses()).rejects.toThrow("The node has ended.");
    expect(left).toEqual([second]);
  });

  test("keeps its listeners when a command hands over, and says that it resumed", async () => {
    const [first, second] = [new Answerer("first"), new Answerer("second")];
    const { events, listen } = await sessionOver(first, second);
    const unsubscribe = listen();
    first.end("node-closing", HANDED_OVER);
    await soon();
    expect(events).toEqual([{ type: "interrupted" }, { type: "resumed" }]);
    for (const listener of second.listeners) listener({ type: "left", room: "#lobby" });
    expect(events).toHaveLength(3);
    unsubscribe();
    expect(second.listeners.size).toBe(0);
  });

  test("ends with a node that was stopped", async () => {
    const [first, second] = [new Answerer("first"), new Answerer("second")];
    const { events, listen, left } = await sessionOver(first, second);
    listen();
    first.end("node-gone", "the node has ended");
    await soon();
    expect(events).toEqual([{ type: "closed", reason: "the node has ended" }]);
    expect(left).toEqual([second]);
  });

  test("ends where nobody takes over", async () => {
    const first = new Answerer("first");
    const { events, listen } = await sessionOver(first);
    listen();
    first.end("node-closing", HANDED_OVER);
    await soon();
    expect(events).toMatchObject([
      { type: "interrupted" },
      { type: "closed", reason: "Another process has it open." },
    ]);
  });

  test("of a command ends with a node that was killed", async () => {
    const [first, second] = [new Answerer("first"), new Answerer("second")];
    const { events, listen, left } = await sessionOver(first, second);
    listen();
    first.end("node-gone", LOST);
    await soon();
    expect(events).toEqual([{ type: "closed", reason: LOST }]);
    expect(left).toEqual([second]);
  });
});

describe("a session of a screen", () => {
  test("outlives a node that was killed", async () => {
    const [first, second] = [new Answerer("first"), new Answerer("second")];
    const { session, events, listen } = await sessionOf("screen", first, second);
    listen();
    first.end("node-closing", LOST);
    const asked = session.api.addresses();
    await soon();
    expect(events).toEqual([{ type: "interrupted" }, { type: "resumed" }]);
    expect(await asked).toMatchObject([{ address: "second" }]);
  });

  test("stays stopped where a person has stopped it, while a command goes on", async () => {
    for (const reader of ["screen", "command"] as const) {
      const [first, second] = [new Answerer("first"), new Answerer("second")];
      const { session } = await sessionOf(reader, first, second);
      first.gone = "node-stopped";
      const asked = session.api.addresses();
      if (reader === "command") expect(await asked).toMatchObject([{ address: "second" }]);
      else await expect(asked).rejects.toMatchObject({ code: "node-stopped" });
    }
  });

  test("gives up on a node that dies again and again", async () => {
    const answerers = Array.from({ length: 16 }, (_, i) => new Answerer(String(i)));
    const { events, listen, left } = await sessionOf("screen", ...answerers);
    listen();
    for (const answerer of answerers.slice(0, 13)) {
      answerer.end("node-closing", LOST);
      await soon();
    }
    expect(events.filter(({ type }) => type === "resumed")).toHaveLength(12);
    expect(events.at(-1)).toMatchObject({
      type: "closed",
      reason: expect.stringContaining("again and again"),
    });
    expect(left).toHaveLength(3);
  });
});
