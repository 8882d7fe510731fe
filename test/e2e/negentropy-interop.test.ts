import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/core/codec/bytes.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { runSeed, sized } from "../support/size.ts";
import { needs } from "../support/skips.ts";

const folder = resolve(import.meta.dirname, "../negentropy");
const ours = [process.execPath, join(folder, "harness.ts")];

/** The other implementation's program, built outside the project; `undefined` where that is not possible. */
function buildTheirs(): string[] | undefined {
  const target = join(tmpdir(), "parley-negentropy-0.5.3");
  cpSync(join(folder, "rust"), target, { recursive: true });
  const build = spawnSync("cargo", ["build", "--release", "--quiet"], {
    cwd: target,
    timeout: 120_000,
  });
  const program = join(target, "target/release/harness");
  return build.status === 0 && existsSync(program) ? [program] : undefined;
}

/** A line program under way. */
class Program {
  readonly #child;
  readonly #lines;

  constructor([command, ...args]: readonly string[], frameMaxBytes: number) {
    const env = { ...process.env, FRAMESIZELIMIT: String(frameMaxBytes) };
    this.#child = spawn(command as string, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  say(lines: readonly string[]): void {
    this.#child.stdin.write(lines.map((line) => `${line}\n`).join(""));
  }

  async next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the program ended");
    return value;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

interface Sets {
  readonly left: string[];
  readonly right: string[];
}

function randomSets(seed: number, count: number, moments: number, apart: number): Sets {
  const random = new SeededRandom(seed);
  const sets: Sets = { left: [], right: [] };
  for (let i = 0; i < count; i++) {
    const item = `item,${1_677_970_534 + random.below(moments)},${toHex(random.bytes(32))}`;
    const side = random.chance(apart) ? random.below(2) : 2;
    if (side !== 1) sets.left.push(item);
    if (side !== 0) sets.right.push(item);
  }
  return sets;
}

/** Lets two programs reconcile; what the first says it has alone and needs. */
async function reconcile(
  sets: Sets,
  one: readonly string[],
  other: readonly string[],
  frameMaxBytes: number,
) {
  const initiator = new Program(one, frameMaxBytes);
  const responder = new Program(other, frameMaxBytes);
  initiator.say([...sets.left, "seal", "initiate"]);
  responder.say([...sets.right, "seal"]);
  const have: string[] = [];
  const need: string[] = [];
  for (let rounds = 0; ;) {
    const line = await initiator.next();
    if (line === "done") break;
    const [what, value = ""] = line.split(",");
    if (what === "have") have.push(value);
    else if (what === "need") need.push(value);
    else {
      expect((rounds += 1)).toBeLessThan(500);
      responder.say([line]);
      initiator.say([await responder.next()]);
    }
  }
  initiator.end();
  responder.end();
  return { have: have.sort(), need: need.sort() };
}

function once({ have, need }: { have: string[]; need: string[] }) {
  return { have: [...new Set(have)], need: [...new Set(need)] };
}

function alone(items: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return items
    .filter((item) => !known.has(item))
    .map((item) => item.split(",")[2] as string)
    .sort();
}

describe("negentropy with an implementation nobody here wrote", () => {
  it.each([0, 4_096, 20_000])(
    "SYNC-10 reconciles both ways, frames of %i bytes",
    async (frameMaxBytes) => {
      const theirs = buildTheirs();
      for (let i = 0; i < sized(4, 60); i++) {
        const count = [0, 40, 1_000, 10_000][i % 4] as number;
        const sets = randomSets(
          runSeed + i,
          count,
          i % 3 === 0 ? 5 : count + 1,
          [0, 0.01, 0.3][i % 3] as number,
        );
        const expected = { have: alone(sets.left, sets.right), need: alone(sets.right, sets.left) };
        expect(await reconcile(sets, ours, ours, frameMaxBytes)).toEqual(expected);
        if (theirs === undefined) continue;
        // In small frames the other one says some ids twice, also when it talks to itself.
        expect(once(await reconcile(sets, ours, theirs, frameMaxBytes))).toEqual(expected);
        expect(once(await reconcile(sets, theirs, ours, frameMaxBytes))).toEqual(expected);
      }
    },
  );

  it("the other implementation can be built here", (context) => {
    needs(context, buildTheirs() !== undefined, "rust");
    expect(buildTheirs()).toBeDefined();
  });
});
