/** What a libp2p node that nobody here wrote has to manage with ours, in whatever language it is. */
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../src/core/codec/bytes.ts";
import type { ParleyError } from "../../src/core/codec/errors.ts";
import { RELAY_LIMITS } from "../../src/network/index.ts";
import { member, outerKey } from "../support/fenced.ts";
import {
  type ForeignNode,
  foreignNode,
  type ForeignNodeOptions,
  saidUntil,
  stopForeignNodes,
} from "../support/foreign-node.ts";
import { needs } from "../support/skips.ts";
import { startNode, stopNodes, until } from "../support/transports.ts";

/** @param program resolves with its path, or undefined where it could not be built */
export function foreignNodeSuite(language: "go" | "rust", program: () => string | undefined): void {
  const theirs = (networkName: string, options?: ForeignNodeOptions): ForeignNode =>
    foreignNode(program() as string, networkName, options);
  afterEach(async () => {
    stopForeignNodes();
    await stopNodes();
  });

  describe(`a node in ${language}`, () => {
    it("NETWORK-2 dials ours and is dialled, and speaks in a topic both ways", async (context) => {
      needs(context, program() !== undefined, language);
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
        (number) => caller.tell(`say from there ${number}`),
        () => heard.some((text) => text.startsWith("from there")),
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
      needs(context, program() !== undefined, language);
      const networkName = `test-${randomBytes(6).toString("hex")}`;
      const relay = await startNode({ networkName, relay: RELAY_LIMITS });
      const ours = await startNode({ networkName, listen: [] });
      // Listening, it could be told of by the relay, and dialled directly sooner than through it.
      const other = theirs(networkName, { away: true });
      other.tell(`reserve ${relay.node.addresses()[0]}`);
      const peer = await ours.node.connect(await other.said("relayed"));
      expect(peer.how).toBe("relayed");
    });

    it("PRIVATE-3 PRIVATE-4 passes the outer fence with its key, and not with another or none", async (context) => {
      needs(context, program() !== undefined, language);
      const ours = await member("tcp/0");
      const [dialler, right, wrong, none] = [
        theirs("~fence", { key: outerKey }),
        theirs("~fence", { key: outerKey }),
        theirs("~fence", { key: new Uint8Array(32).fill(1) }),
        theirs("~fence"),
      ];
      const [address] = ours.node.addresses();
      dialler.tell(`dial ${address}`);
      await dialler.said("connected");
      for (const other of [wrong, none]) other.tell(`dial ${address}`);
      const error = async (from: typeof ours, to: typeof right): Promise<string> => {
        const failed = from.node.connect(await to.said("listening"));
        return failed.then(
          () => "connected",
          ({ code }: ParleyError) => code,
        );
      };
      const open = await startNode({ networkName: "open" });
      // Each of these waits for a word that never comes: all at once, or it takes their sum.
      const answers = await Promise.all([
        error(ours, right),
        error(ours, wrong),
        error(ours, none),
        error(open, right),
        wrong.said("failed"),
        none.said("failed"),
      ]);
      // Theirs has the outer key alone: it is understood, and does not know the inner secret.
      expect(answers[0]).toBe("network-mismatch");
      expect(answers[1]).toBe("network-key-wrong");
      expect(["network-key-none", "unreachable"]).toContain(answers[2]);
      expect(answers[3]).toBe("network-key-missing");
      expect(ours.heard.connected).toEqual([]);
    });
  });
}
