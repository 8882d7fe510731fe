/** Where an export goes: standard output, or a file that is there whole or not at all. */
import { once } from "node:events";
import { open, rename, rm } from "node:fs/promises";
import type { Context } from "../context.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";

export interface Target {
  /** Resolves when the next may follow, so that a slow disk or reader never fills the memory. */
  write(text: string): Promise<void>;
  /** Everything is written; a file takes its name only now. */
  finish(): Promise<void>;
}

export function standardOutput(context: Context): Target {
  const { stdout } = process;
  return {
    write: async (text) => {
      if (!stdout.write(text)) await once(stdout, "drain");
    },
    finish: () => context.out.flush(),
  };
}

/** A file of this user alone, written beside its name and renamed when it is whole. @throws ParleyError `file-failed` */
export async function wholeFile(context: Context, path: string): Promise<Target> {
  const beside = `${path}.${process.pid}.part`;
  let finished = false;
  const failed = (error: unknown): never => {
    throw new ParleyError("file-failed", `${path} cannot be written: ${sentence(error)}`, {
      cause: error,
    });
  };
  const file = await open(beside, "wx", 0o600).catch(failed);
  context.lifetime.atExit(async () => {
    if (!finished) await rm(beside, { force: true });
  });
  return {
    write: (text) => file.appendFile(text).catch(failed),
    async finish() {
      try {
        await file.sync();
        await file.close();
        await rename(beside, path);
        finished = true;
      } catch (cause) {
        failed(cause);
      }
    },
  };
}

/** "No space is left on the device." for people who do not know ENOSPC. */
export function sentence(error: unknown): string {
  const sentences: Readonly<Record<string, string>> = {
    EACCES: "you may not.",
    EISDIR: "it is a folder.",
    ENOENT: "there is no such file or folder.",
    ENOSPC: "the disk is full.",
    EROFS: "the disk is read-only.",
  };
  const { code = "", message } = error as NodeJS.ErrnoException;
  return sentences[code] ?? message;
}
