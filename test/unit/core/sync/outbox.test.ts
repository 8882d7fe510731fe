import { describe, expect, it } from "vitest";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import type { FrameStream } from "../../../../src/core/interfaces.ts";
import { type FrameSource, Outbox } from "../../../../src/core/sync/outbox.ts";

/** A stream that takes a frame when the test says so. */
class Slow implements FrameStream {
  readonly peerId = "peer";
  readonly device = new Uint8Array(32);
  readonly taken: number[] = [];
  #take: (() => void) | undefined;

  send(frame: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#take = () => {
        this.taken.push(frame[0] as number);
        resolve();
      };
    });
  }

  /** Takes up to `count` frames. */
  async take(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      const take = this.#take;
      this.#take = undefined;
      take?.();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  async *frames(): AsyncIterable<Uint8Array> {
    await Promise.resolve();
    yield* [];
  }

  async close(): Promise<void> {}

  abort(): void {}
}

function frame(number: number): Uint8Array {
  return Uint8Array.of(number);
}

describe("outbox", () => {
  it("SYNC-63 a page is made only when the one before was taken", async () => {
    const stream = new Slow();
    const outbox = new Outbox(stream, () => undefined);
    let made = 0;
    async function* pages(): FrameSource {
      for (;;) yield frame((made += 1));
    }
    const flowing = outbox.flow(pages());
    await stream.take(0);
    expect(made).toBe(1);
    await stream.take(3);
    expect(made).toBe(4);
    outbox.close();
    await expect(flowing).rejects.toThrow(/gone/);
  });

  it("SYNC-63 frames go before pages, and flows take turns", async () => {
    const stream = new Slow();
    const outbox = new Outbox(stream, () => undefined);
    async function* pages(first: number): FrameSource {
      for (let i = 0; i < 3; i++) yield frame(first + i);
    }
    const both = Promise.all([outbox.flow(pages(10)), outbox.flow(pages(20))]);
    await stream.take(2);
    outbox.post(frame(1));
    outbox.post(frame(2));
    await stream.take(9);
    await both;
    expect(stream.taken).toEqual([10, 20, 11, 1, 2, 21, 12, 22]);
  });

  it("SYNC-63 a peer that asks and does not read is cut off", async () => {
    const lost: unknown[] = [];
    const outbox = new Outbox(new Slow(), (error) => void lost.push(error));
    for (let i = 0; i < 2_000; i++) outbox.post(frame(1));
    expect(lost.length).toBe(1);
    expect(isParleyError(lost[0], "stream-overrun")).toBe(true);
  });

  it("SYNC-63 what is said just as a flow ends does not lie there until something else is said", async () => {
    async function* page(): FrameSource {
      yield frame(1);
    }
    for (let steps = 0; steps < 12; steps++) {
      const stream = new Slow();
      const outbox = new Outbox(stream, () => undefined);
      const flowing = outbox.flow(page());
      await stream.take(1);
      await flowing;
      const other = outbox.flow(page()).then(async () => {
        for (let i = 0; i < steps; i++) await Promise.resolve();
        outbox.post(frame(2));
      });
      await stream.take(3);
      await other;
      await stream.take(1);
      expect(stream.taken).toEqual([1, 1, 2]);
    }
  });

  it("a flow that fails ends alone", async () => {
    const stream = new Slow();
    const outbox = new Outbox(stream, () => undefined);
    async function* pages(): FrameSource {
      yield frame(1);
      throw new Error("the disk");
    }
    const failed = outbox.flow(pages()).catch(String);
    await stream.take(2);
    expect(await failed).toMatch(/the disk/);
    outbox.post(frame(2));
    await stream.take(1);
    expect(stream.taken).toEqual([1, 2]);
  });
});
