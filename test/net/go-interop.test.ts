/** A libp2p node in Go, which nobody here wrote: dials ours and is dialled, speaks in a topic, and is reached through our relay. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fromUtf8, toHex, utf8 } from "../../src/core/codec/bytes.ts";
import type { ParleyError } from "../../src/core/codec/errors.ts";
import { RELAY_LIMITS } from "../../src/network/index.ts";
import { agentOf } from "../../src/network/libp2p-node.ts";
import { member, outerKey } from "../support/fenced.ts";
import { needs } from "../support/skips.ts";
import { startNode, stopNodes, until } from "../support/transports.ts";

const folder = resolve(import.meta.dirname, "../interop/go");
const program = join(mkdtempSync(join(tmpdir(), "parley-go-")), "node");
let built = false;
/** Looks between two words, each 5 ms after the one before. */
const LOOKS_A_WORD = 100;

beforeAll(() => {
  const args = ["build", "-mod=readonly", "-o", program, "."];
  built = spawnSync("go", args, { cwd: folder, timeout: 170_000 }).status === 0;
}, 180_000);

const running = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of running) child.kill();
  running.clear();
  await stopNodes();
});

afterAll(() => rmSync(dirname(program), { recursive: true, force: true }));

/** One of theirs, in the topic "room". @param key of the outer fence */
function theirs(networkName: string, key?: Uint8Array) {
  const fence = key ? ["-psk", toHex(key)] : [];
  const child = spawn(program, ["-agent", agentOf(networkName), "-topic", "room", ...fence]);
  running.add(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  /** What follows a word that is said. */
  const said = async (word: string): Promise<string> => {
    await until(`"${word}" of ${lines.join("; ")}`, () =>
      lines.some((line) => line.startsWith(`${word} `)),
    );
    return (lines.find((line) => line.startsWith(`${word} `)) as string).slice(word.length + 1);
  };
  return { said, lines, tell: (line: string) => child.stdin.write(`${line}\n`) };
}

/** Speaks now and again: what is said before a router has taken a newcomer into its mesh is lost, as gossip may be. */
async function saidUntil(
  what: string,
  say: (number: number) => void,
  heard: () => boolean,
): Promise<void> {
  let looks = 0;
  await until(what, () => {
    if (looks % LOOKS_A_WORD === 0) say(looks / LOOKS_A_WORD);
    looks += 1;
    return heard();
  });
}

describe("a node in Go", () => {
  it("NETWORK-2 dials ours and is dialled, and speaks in a topic both ways", async (context) => {
    needs(context, built, "go");
    const networkName = `test-${randomBytes(6).toString("hex")}`;
    const ours = await startNode({ networkName });
    const heard: string[] = [];
    ours.node.join("room", (data) => (heard.push(fromUtf8(data)), "accept"));
    const [caller, callee] = [theirs(networkName), theirs(networkName)];
    caller.tell(`dial ${ours.node.addresses()[0]}`);
    await caller.said("connected");
    await ours.node.connect(await callee.said("listening"));
    await until("both are in the room", () => ours.node.subscribers("room").length === 2);
    await saidUntil(
      "ours has heard",
      (number) => caller.tell(`say from Go ${number}`),
      () => heard.some((text) => text.startsWith("from Go")),
    );
    await saidUntil(
      "theirs have heard",
      (number) => void ours.node.publish("room", utf8(`from here ${number}`)),
      () =>
        [caller, callee].every(({ lines }) =>
          lines.some((line) => line.startsWith("heard from here")),
        ),
    );
  });

  it("REACH-1 keeps a place at our relay, and is reached through it", async (context) => {
    needs(context, built, "go");
    const networkName = `test-${randomBytes(6).toString("hex")}`;
    const relay = await startNode({ networkName, relay: RELAY_LIMITS });
    const ours = await startNode({ networkName, listen: [] });
    const go = theirs(networkName);
    go.tell(`reserve ${relay.node.addresses()[0]}`);
    const peer = await ours.node.connect(await go.said("relayed"));
    expect(peer.how).toBe("relayed");
  });

  it("PRIVATE-3 PRIVATE-4 passes the outer fence with its key, and not with another or none", async (context) => {
    needs(context, built, "go");
    const ours = await member("tcp/0");
    const [right, wrong, none] = [
      theirs("~fence", outerKey),
      theirs("~fence", new Uint8Array(32).fill(1)),
      theirs("~fence"),
    ];
    const [address] = ours.node.addresses();
    right.tell(`dial ${address}`);
    await right.said("connected");
    for (const other of [wrong, none]) {
      other.tell(`dial ${address}`);
      await other.said("failed");
    }
    const error = async (from: typeof ours, to: typeof right): Promise<string> => {
      const failed = from.node.connect(await to.said("listening"));
      return failed.then(
        () => "connected",
        ({ code }: ParleyError) => code,
      );
    };
    // Theirs has the outer key alone: it is understood, and does not know the inner secret.
    expect(await error(ours, right)).toBe("network-mismatch");
    expect(await error(ours, wrong)).toBe("network-key-wrong");
    expect(["network-key-none", "unreachable"]).toContain(await error(ours, none));
    expect(await error(await startNode({ networkName: "open" }), right)).toBe(
      "network-key-missing",
    );
    expect(ours.heard.connected).toEqual([]);
  });
});
