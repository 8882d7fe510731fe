/** What this machine can do at all, measured in the same round as parley. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { Level } from "level";
import { nodeCrypto } from "../src/node/crypto.ts";
import type { Limits } from "./figures.ts";
import { median, now, text } from "./measure.ts";

export const LIMIT_TITLES: Readonly<Record<keyof Limits, readonly [string, string]>> = {
  signs: ["Ed25519 signatures", "/s"],
  checks: ["Ed25519 checks", "/s"],
  hashes: ["SHA-256 of 256 bytes", "/s"],
  puts: ["LevelDB puts of 256 bytes, awaited one by one", "/s"],
  syncedPuts: ["LevelDB puts, each synced", "/s"],
  batchedPuts: ["LevelDB puts in batches of 100", "/s"],
  roundTripMs: ["TCP round trip of 256 bytes between two processes, p50", "ms"],
  openMs: ["LevelDB opened, the last 50 of 10,000 read", "ms"],
};

export async function limits(folder: string): Promise<Limits> {
  const signer = nodeCrypto.signer(new Uint8Array(32).fill(1));
  const message = new TextEncoder().encode(text("L", 0));
  const signature = signer.sign(message);
  return {
    signs: rate(3_000, () => signer.sign(message)),
    checks: rate(2_000, () => nodeCrypto.verify(signer.publicKey, message, signature)),
    hashes: rate(50_000, () => nodeCrypto.sha256(message)),
    puts: await puts(join(folder, "puts"), 3_000, 1, false),
    syncedPuts: await puts(join(folder, "synced"), 500, 1, true),
    batchedPuts: await puts(join(folder, "batched"), 10_000, 100, false),
    roundTripMs: await roundTrip(),
    openMs: await openAndRead(join(folder, "batched")),
  };
}

function rate(count: number, work: () => unknown): number {
  const startMs = now();
  for (let i = 0; i < count; i++) work();
  return (count / (now() - startMs)) * 1000;
}

async function puts(folder: string, count: number, size: number, sync: boolean): Promise<number> {
  const database = new Level(folder);
  await database.open();
  const startMs = now();
  for (let i = 0; i < count; i += size) {
    const batch = database.batch();
    for (let j = i; j < i + size; j++) batch.put(String(j).padStart(8, "0"), text("L", j));
    await batch.write({ sync });
  }
  const perSecond = (count / (now() - startMs)) * 1000;
  await database.close();
  return perSecond;
}

async function openAndRead(folder: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const database = new Level(folder);
    const startMs = now();
    await database.open();
    await database.iterator({ reverse: true, limit: 50 }).all();
    times.push(now() - startMs);
    await database.close();
  }
  return median(times);
}

async function roundTrip(): Promise<number> {
  const child = fork(import.meta.filename, ["echo"]);
  const [port] = (await once(child, "message")) as [number];
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    const startMs = now();
    socket.write(text("E", i));
    await once(socket, "data");
    times.push(now() - startMs);
  }
  socket.destroy();
  child.kill();
  return median(times);
}

if (process.argv[2] === "echo" && process.send) {
  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}
