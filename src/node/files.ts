/** Files that must survive a crash whole and be read by nobody else. */
import { chmod, lstat, mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ParleyError } from "../core/codec/errors.ts";

/** Writes a file so that after a crash either the old or the new one is there; readable by its owner alone. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** The text of a file that only its owner may read; undefined when there is none. @throws ParleyError `file-exposed` */
export async function readPrivate(path: string): Promise<string | undefined> {
  try {
    await refuseExposed(path);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws ParleyError `file-exposed` when others can read it */
export async function refuseExposed(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new ParleyError("file-exposed", `${path} can be read by others, so it is not used.`, {
    hint: `chmod 600 ${path}`,
  });
}

/**
 * Refuses what another user of the machine has put where ours belongs: the runtime folder may lie in one that all can write.
 * Nothing there is fine. @throws ParleyError `file-foreign`
 */
export async function refuseForeign(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.uid === process.getuid?.()) return;
  throw new ParleyError("file-foreign", `${path} belongs to another user, so it is not used.`, {
    hint: "Set PARLEY_RUNTIME_DIR to a folder of your own.",
  });
}

/** Moves what lies there out of the way, under a name that says since when. Nothing there is fine. */
export async function setAside(path: string, nowMs: number): Promise<void> {
  try {
    await rename(path, `${path}.${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, "")}`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

/** A folder that only its owner may enter. */
export async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform !== "win32") await chmod(path, 0o700).catch(() => undefined);
}

/** Without this a rename may be lost with the power. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
