/** What peers say about the addresses of a node, some of them false. */
import { describe, expect, it } from "vitest";
import {
  NAT_ASK_PERIOD_MS,
  NAT_REFUSALS_ALONE_COUNT,
  NAT_VOUCHED_MAX_MS,
} from "../../../src/core/codec/limits.ts";
import { type DialBack, Vouching } from "../../../src/network/vouching.ts";

const HOME = "/ip4/5.5.0.10/tcp/4001";
const silent = (): void => undefined;

/** A node with one address; what each host answers can be changed. */
function scene(answers: Record<string, DialBack | (() => Promise<DialBack>)>) {
  let nowMs = 0;
  let told = false;
  const asked: string[] = [];
  const vouching = new Vouching({
    addresses: () => new Map([[HOME, told]]),
    askable: async () =>
      Object.entries(answers).map(([name, answer]) => ({
        host: name.split(" ")[0] as string,
        dialBack: async () => {
          asked.push(name);
          return typeof answer === "function" ? answer() : answer;
        },
      })),
    tell: (_, on) => void (told = on),
    nowMs: () => nowMs,
    logger: { debug: silent, info: silent, warn: silent },
  });
  return {
    vouching,
    answers,
    asked,
    told: () => told,
    /** As the timer does, for so long. */
    pass: async (ms: number) => {
      for (const endMs = nowMs + ms; nowMs < endMs; nowMs += NAT_ASK_PERIOD_MS)
        await vouching.look();
    },
  };
}

describe("REACH-8 REACH-11 what peers say about an address", () => {
  it("tells it once one has come by it, and not for what nobody could", async () => {
    const { told, pass, answers } = scene({ one: "failed", two: "nothing" });
    await pass(NAT_VOUCHED_MAX_MS * 2);
    expect(told()).toBe(false);
    answers["two"] = "came";
    await pass(NAT_ASK_PERIOD_MS);
    expect(told()).toBe(true);
  });

  it("is asked for more rarely the longer it holds, and no more rarely than stated", async () => {
    const { asked, pass } = scene({ one: "came" });
    await pass(NAT_ASK_PERIOD_MS * 4);
    expect(asked).toHaveLength(3);
    asked.length = 0;
    await pass(NAT_VOUCHED_MAX_MS * 10);
    expect(asked.length).toBeGreaterThanOrEqual(9);
    expect(asked.length).toBeLessThanOrEqual(11);
  });

  it("takes it back once two hosts could not come, within a period and a tick", async () => {
    const { told, pass, answers } = scene({ one: "came", two: "came" });
    await pass(NAT_VOUCHED_MAX_MS * 5);
    expect(told()).toBe(true);
    answers["one"] = answers["two"] = "failed";
    await pass(NAT_VOUCHED_MAX_MS + NAT_ASK_PERIOD_MS);
    expect(told()).toBe(false);
    answers["two"] = "came";
    await pass(NAT_ASK_PERIOD_MS);
    expect(told()).toBe(true);
  });

  it("believes nobody who alone says that they could not, in one name or in several of one host", async () => {
    const { told, pass } = scene({ liar: "failed", "liar again": "failed", honest: "came" });
    await pass(NAT_VOUCHED_MAX_MS);
    expect(told()).toBe(true);
    await pass(NAT_VOUCHED_MAX_MS * 20);
    expect(told()).toBe(true);
  });

  it("believes the only one there is, after a minute of the same answer", async () => {
    const { told, pass, answers } = scene({ one: "came" });
    await pass(NAT_ASK_PERIOD_MS);
    answers["one"] = "failed";
    await pass(NAT_ASK_PERIOD_MS * (NAT_REFUSALS_ALONE_COUNT - 1));
    expect(told()).toBe(true);
    answers["one"] = "came";
    await pass(NAT_ASK_PERIOD_MS);
    answers["one"] = "failed";
    await pass(NAT_ASK_PERIOD_MS * (NAT_REFUSALS_ALONE_COUNT - 1));
    expect(told()).toBe(true);
    await pass(NAT_ASK_PERIOD_MS);
    expect(told()).toBe(false);
  });

  it("is asked about no more often for those who come and go", async () => {
    const { vouching, asked } = scene({ one: "nothing", two: "failed" });
    for (let i = 0; i < 20; i++) await vouching.look();
    expect(asked).toEqual(["one", "two"]);
  });

  it("keeps it where nobody can tell", async () => {
    const { told, pass, answers } = scene({ one: "came" });
    await pass(NAT_ASK_PERIOD_MS);
    answers["one"] = "nothing";
    await pass(NAT_VOUCHED_MAX_MS * 10);
    expect(told()).toBe(true);
  });

  it("forgets everything where the machine has moved, answers under way too", async () => {
    const late = Promise.withResolvers<DialBack>();
    const { told, pass, answers, vouching } = scene({ one: "came" });
    await pass(NAT_ASK_PERIOD_MS);
    vouching.moved();
    expect(told()).toBe(false);
    answers["one"] = () => late.promise;
    const looking = vouching.look();
    vouching.moved();
    late.resolve("came");
    await looking;
    expect(told()).toBe(false);
  });
});
