/** A libp2p node nobody here wrote, as a program that speaks lines (test/interop): dials ours, is dialled, speaks, is relayed. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { toHex } from "../../src/core/codec/bytes.ts";
import { agentOf } from "../../src/network/libp2p-node.ts";
import { until } from "./transports.ts";

const running = new Set<ChildProcess>();
/** Looks between two words, each 5 ms after the one before. */
const LOOKS_A_WORD = 100;

export interface ForeignNode {
  readonly lines: readonly string[];
  /** What follows a word that it says. */
  said(word: string): Promise<string>;
  tell(line: string): void;
}

/** What one of theirs may be given: the key of the outer fence; that it listens nowhere, and only a relay leads to it. */
export interface ForeignNodeOptions {
  readonly key?: Uint8Array;
  readonly away?: boolean;
}

/** One of theirs, in the topic "room". */
export function foreignNode(
  program: string,
  networkName: string,
  { key, away = false }: ForeignNodeOptions = {},
): ForeignNode {
  const fence = key ? ["-psk", toHex(key)] : [];
  const flags = [...fence, ...(away ? ["-away"] : [])];
  const child = spawn(program, ["-agent", agentOf(networkName), "-topic", "room", ...flags]);
  running.add(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const said = async (word: string): Promise<string> => {
    const isIt = (line: string): boolean => line.startsWith(`${word} `);
    await until(`"${word}" of ${lines.join("; ")}`, () => lines.some(isIt));
    return (lines.find(isIt) as string).slice(word.length + 1);
  };
  return { said, lines, tell: (line) => void child.stdin.write(`${line}\n`) };
}

export function stopForeignNodes(): void {
  for (const child of running) child.kill();
  running.clear();
}

/** Speaks now and again: what is said before a router has taken a newcomer into its mesh is lost, as gossip may be. */
export async function saidUntil(
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
