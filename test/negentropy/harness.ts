/**
 * A line-driven Negentropy v1 peer for cross-implementation tests. In: `item,TIMESTAMP,HEXID` · `seal` ·
 * `initiate` · `msg,HEX`. Out: `msg,HEX` · `have,ID` · `need,ID` · `done`. FRAMESIZELIMIT in the environment
 * bounds a message; 0 or none: unbounded.
 */
import { createHash, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { fromHex, toHex } from "../../src/core/codec/bytes.ts";
import { LOWEST } from "../../src/core/log/order.ts";
import type { Position } from "../../src/core/log/types.ts";
import { Negentropy } from "../../src/core/sync/negentropy.ts";
import { VectorSet } from "./vector-set.ts";

const frameMaxBytes = Number(process.env["FRAMESIZELIMIT"] ?? 0) || Infinity;
const items: Position[] = [];
let set = new VectorSet([]);
let negentropy: Negentropy | undefined;
let initiator = false;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function engine(): Negentropy {
  if (negentropy === undefined) throw new Error("not sealed");
  return negentropy;
}

function sendMessage(message: Uint8Array): void {
  if (message.length > frameMaxBytes) throw new Error("message above the limit");
  say(`msg,${toHex(message)}`);
}

/** Ranges too few to split are still split: this program has no other way to learn what is in them. */
const never = (): boolean => false;

async function takeReply(message: Uint8Array): Promise<void> {
  const { listed } = await engine().receive(message, never);
  for (const { range, ids } of listed) {
    const theirs = new Set(ids.map(toHex));
    for (const { id } of await set.positions({ ...range, limit: Infinity })) {
      if (!theirs.delete(toHex(id))) say(`have,${toHex(id)}`);
    }
    for (const id of theirs) say(`need,${id}`);
  }
  const next = await engine().next();
  if (next === undefined) say("done");
  else sendMessage(next);
}

async function obey(line: string): Promise<void> {
  const [command, first = "", second = ""] = line.trim().split(",");
  if (command === "item") {
    items.push({ moment: Number(first), id: fromHex(second) });
  } else if (command === "seal") {
    set = new VectorSet(items);
    const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };
    const crypto = {
      sha256: (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest()),
    };
    negentropy = new Negentropy({
      set,
      crypto,
      random,
      frameMaxBytes,
      rangesMaxCount: Infinity,
      floor: LOWEST,
    });
  } else if (command === "initiate") {
    initiator = true;
    sendMessage(await engine().open("recent"));
  } else if (command === "msg") {
    if (initiator) await takeReply(fromHex(first));
    else sendMessage(await engine().respond(fromHex(first)));
  } else {
    throw new Error(`unknown command: ${command}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) await obey(line);
