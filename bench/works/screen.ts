/** T: the terminal client over a long history, key by key. */
import { once } from "node:events";
import { ended, Program } from "../program.ts";
import { now, quantile } from "../measure.ts";
import { fillProfile } from "./profile.ts";
import { newRoom, type Work } from "./works.ts";

const MESSAGES = 100_000;
const KEYS = 100;
const KEY_GAP_MS = 40;

export const screen: Work = async (folder, messages) => {
  const network = `bench-${newRoom()}`;
  const program = new Program(folder, network);
  await program.run("init", "--name", "bench");
  await program.run("join", "lobby");
  await fillProfile(program.home, network, Math.min(MESSAGES, messages * 10));
  const { child } = await program.node();
  const client = program.client(120, 40);
  let bytes = 0;
  let lastMs = 0;
  let seen = "";
  client.onData((data) => {
    bytes += data.length;
    lastMs = now();
    if (seen.length < 100_000) seen += data;
  });
  const exit = new Promise<void>((resolve) => client.onExit(() => resolve()));
  for (const startMs = now(); !seen.includes("#lobby ·"); await pause(20))
    if (now() - startMs > 60_000) throw new Error("the client does not show its room");
  await pause(500);
  const times: number[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < KEYS; i++) {
    bytes = 0;
    lastMs = 0;
    const startMs = now();
    client.write("abcdefghij"[i % 10] as string);
    while (lastMs === 0) {
      if (now() - startMs > 10_000) throw new Error("the client does not answer its keys");
      await pause(1);
    }
    // What belongs to the same key comes right behind.
    await pause(KEY_GAP_MS);
    times.push(lastMs - startMs);
    sizes.push(bytes);
  }
  client.kill("SIGTERM");
  await exit;
  await ended(child);
  if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  return { keyFrame: quantile(times, 0.95), keyBytes: quantile(sizes, 0.95) };
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
