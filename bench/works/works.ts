/** What all works share. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Measured } from "../figures.ts";
import { NodeProcess } from "../node-process.ts";

/** A work gets an empty folder of its own and answers with what it measured. */
export type Work = (folder: string, messages: number) => Promise<Measured>;

export type Durability = "sync" | "process";

let networks = 0;

/** A name that no other run uses. */
export function newRoom(): string {
  return `${process.pid}-${++networks}`;
}

export function node(
  folder: string,
  name: string,
  room: string,
  durability: Durability = "process",
): Promise<NodeProcess> {
  return NodeProcess.open({ dir: join(folder, name), room, role: name, durability });
}

/** Gives `to` the store of `from`, under an identity of its own. */
export function copyStore(folder: string, from: string, to: string): void {
  cpSync(join(folder, from, "store"), join(folder, to, "store"), { recursive: true });
}

/** Fills the store of a folder in a process of its own; resolves with the ms it took. */
export async function filled(
  folder: string,
  name: string,
  room: string,
  filling: { count: number; authors: number; firstAuthor?: number; words?: boolean },
): Promise<number> {
  const worker = new NodeProcess();
  const { count, authors, firstAuthor = 1, words = false } = filling;
  const fromMs = Date.UTC(2026, 0, 1);
  const untilMs = Date.UTC(2026, 6, 1);
  const tookMs = await worker.call(
    "fill",
    { dir: join(folder, name), room, role: name, durability: "process" },
    { count, authors, firstAuthor, fromMs, untilMs, words },
  );
  await worker.end();
  return tookMs;
}
