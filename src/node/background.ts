/** A node in the background for the terminal client: detached, and gone 10 s after its last client. */
import { spawn } from "node:child_process";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ParleyError } from "../core/codec/errors.ts";
import type { Profile } from "./profile.ts";
import { connectSocket, type SocketSession } from "./socket-client.ts";

const START_MAX_MS = 20_000;
const RETRY_MS = 15;
/** A node that catches up passes events through: in a young heap of 16 MiB and more they grow old before they are collected (ADR 112). */
const NODE_FLAGS = ["--max-semi-space-size=8"];
/** Threads of the database allocate what others free: with an arena of memory for each it lies there unused (ADR 232). */
const NODE_ENVIRONMENT = { MALLOC_ARENA_MAX: "2" };
const LOG_MAX_BYTES = 1024 * 1024;
/** Where the child finds the passphrase: never in its arguments or environment. */
const PASSPHRASE_DESCRIPTOR = 3;

/** Starts a node and resolves when it answers. @throws ParleyError `node-failed` with what it said */
export async function startBackground(
  profile: Profile,
  passphrase: string | undefined,
): Promise<SocketSession> {
  const { paths, network, localOnly } = profile;
  await mkdir(paths.folder, { recursive: true, mode: 0o700 });
  const log = await openLog(paths.log);
  const home = paths.home === undefined ? [] : ["--home", paths.home];
  const flags = ["--profile", paths.profile, "--no-input", "--json"];
  const isSealed = passphrase !== undefined;
  // A sealed profile names nobody and no room in clear: of its node only errors are logged.
  if (isSealed) flags.push("--quiet");
  if (network !== undefined) flags.push("--network", network);
  if (localOnly) flags.push("--local-only");
  if (isSealed) flags.push("--passphrase-file", String(PASSPHRASE_DESCRIPTOR));
  const launcher = process.argv[1] ?? fileURLToPath(new URL("./parley.js", import.meta.url));
  const command = [...NODE_FLAGS, launcher, ...home, ...flags, "node", "--until-idle"];
  const child = spawn(process.execPath, command, {
    detached: true,
    env: { ...NODE_ENVIRONMENT, ...process.env },
    stdio: ["ignore", isSealed ? "ignore" : log.fd, log.fd, isSealed ? "pipe" : "ignore"],
  });
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code) => (ended = `it ended with ${code}`));
  const pipe = child.stdio[PASSPHRASE_DESCRIPTOR];
  if (passphrase !== undefined && pipe && "write" in pipe) pipe.end(`${passphrase}\n`);
  child.unref();
  await log.close();
  for (const startMs = Date.now(); Date.now() - startMs < START_MAX_MS;) {
    const session = await connectSocket(paths.socket, "parley", network);
    if (session) return session;
    if (ended !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw await failure(paths.log, ended ?? "it did not answer");
}

/** The log is begun anew when it has grown; the one before is kept. */
async function openLog(path: string) {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_MAX_BYTES) await rename(path, `${path}.1`);
  return open(path, "a", 0o600);
}

/** The last thing the node said about itself. */
async function failure(log: string, ended: string): Promise<ParleyError> {
  const lines = (await readFile(log, "utf8").catch(() => ""))
    .trim()
    .split("\n")
    .slice(-20)
    .reverse();
  for (const line of lines) {
    try {
      const said = JSON.parse(line) as {
        type?: string;
        code?: string;
        message?: string;
        hint?: string;
      };
      if (said.type === "error" && said.code && said.message) {
        return new ParleyError(
          said.code,
          said.message,
          said.hint === undefined ? {} : { hint: said.hint },
        );
      }
    } catch {
      // Not every line is JSON; look further up.
    }
  }
  return new ParleyError("node-failed", `The background node could not be started: ${ended}.`, {
    hint: `What it said is in ${log}.`,
  });
}
