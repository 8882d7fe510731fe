/**
 * Profiles of one machine find each other by small files in a shared folder: one a node, named by network and peer id. What
 * another process wrote is read as carefully as what comes from the network.
 */
import { constants, type FSWatcher, watch } from "node:fs";
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { ADDRESS_MAX_BYTES, ADDRESSES_PER_PEER_MAX_COUNT } from "../core/codec/limits.ts";
import type { Logger } from "../core/interfaces.ts";

const FILE_MAX_BYTES = 8 * 1024;
const FILES_MAX_COUNT = 256;
/** Where watching a folder does not work, it is looked through this often. */
const POLL_MS = 3_000;
/** Windows has neither pipes nor links here, and no such flags. */
const READING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

const Entry = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  addresses: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(ADDRESS_MAX_BYTES))),
    v.maxLength(ADDRESSES_PER_PEER_MAX_COUNT),
  ),
});

export interface RuntimeDirectoryInit {
  readonly folder: string;
  /** Mark of the network: files of others are passed over. */
  readonly mark: string;
  readonly peerId: string;
  readonly logger: Logger;
  /** Addresses of a node on this machine. */
  readonly found: (addresses: readonly string[]) => void;
}

export class RuntimeDirectory {
  readonly #init: RuntimeDirectoryInit;
  readonly #file: string;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #seen = new Map<string, string>();

  constructor(init: RuntimeDirectoryInit) {
    this.#init = init;
    this.#file = join(init.folder, `${init.mark}.${init.peerId}.node`);
  }

  /** Tells the others where this node is, and begins to look for them. Failures are logged: it is one way among several. */
  async start(addresses: readonly string[]): Promise<void> {
    try {
      await mkdir(this.#init.folder, { recursive: true, mode: 0o700 });
      const temporary = `${this.#file}.${process.pid}`;
      await writeFile(temporary, JSON.stringify({ pid: process.pid, addresses }), { mode: 0o600 });
      await rename(temporary, this.#file);
      this.#watcher = watch(this.#init.folder, { persistent: false }, () => void this.#look());
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch (error) {
      this.#init.logger.warn("the runtime folder cannot be used", { error: String(error) });
    }
    this.#timer = setInterval(() => void this.#look(), POLL_MS);
    this.#timer.unref();
    await this.#look();
  }

  async stop(): Promise<void> {
    this.#watcher?.close();
    clearInterval(this.#timer);
    await rm(this.#file, { force: true }).catch(() => undefined);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const names = (await readdir(this.#init.folder)).filter((name) =>
        name.startsWith(`${this.#init.mark}.`),
      );
      for (const name of names.slice(0, FILES_MAX_COUNT)) {
        if (name.endsWith(".node") && join(this.#init.folder, name) !== this.#file)
          await this.#read(name);
      }
    } catch (error) {
      this.#init.logger.debug("the runtime folder cannot be read", { error: String(error) });
    }
    this.#looking = false;
  }

  async #read(name: string): Promise<void> {
    const file = join(this.#init.folder, name);
    const text = await readBounded(file);
    if (text === undefined) return;
    const entry = parseEntry(text);
    if (!entry || !isAlive(entry.pid)) {
      await rm(file, { force: true }).catch(() => undefined);
      this.#seen.delete(name);
      return;
    }
    // Said once for each start of a node; the dialler keeps trying by itself.
    if (this.#seen.get(name) === text) return;
    this.#seen.set(name, text);
    this.#init.found(entry.addresses);
  }
}

async function readBounded(file: string): Promise<string | undefined> {
  try {
    // Not to be followed, and a pipe that nobody writes to must not be waited for.
    const handle = await open(file, READING);
    try {
      if (!(await handle.stat()).isFile()) return undefined;
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(FILE_MAX_BYTES + 1),
        0,
        FILE_MAX_BYTES + 1,
        0,
      );
      return bytesRead > FILE_MAX_BYTES ? "" : buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

function parseEntry(text: string): v.InferOutput<typeof Entry> | undefined {
  try {
    const result = v.safeParse(Entry, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
