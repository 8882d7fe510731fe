/** What `doctor` says about the machine: runtime, files, room on the disk. */
import { stat, statfs } from "node:fs/promises";
import type { Check } from "../app/api.ts";
import type { Profile } from "./profile.ts";

const LOW_DISK_BYTES = 256 * 1024 * 1024;

export async function surroundings({ paths }: Profile): Promise<Check[]> {
  return [checkRuntime(), await checkFiles(paths.identity), await checkDisk(paths.folder)];
}

function checkRuntime(): Check {
  return {
    name: "runtime",
    ok: true,
    text: `Node ${process.versions.node} on ${process.platform} ${process.arch}`,
  };
}

async function checkFiles(identity: string): Promise<Check> {
  if (process.platform === "win32")
    return { name: "key file", ok: null, text: "permissions are not checked on Windows" };
  const { mode } = await stat(identity);
  if ((mode & 0o077) === 0) return { name: "key file", ok: true, text: "only you can read it" };
  return { name: "key file", ok: false, text: "others can read it", hint: `chmod 600 ${identity}` };
}

async function checkDisk(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const text = `${Math.floor(freeBytes / (1024 * 1024))} MiB free for the store`;
  return freeBytes > LOW_DISK_BYTES
    ? { name: "disk", ok: true, text }
    : {
        name: "disk",
        ok: false,
        text,
        hint: "Free some space before it is full; nothing is lost, but nothing new is stored.",
      };
}
