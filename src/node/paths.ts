/** Where everything of a profile lies (docs/guide/command-line.md). */
import { createHash } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import envPaths from "env-paths";
import { ParleyError } from "../core/codec/errors.ts";

export interface ProfilePaths {
  readonly profile: string;
  /** The folder given in place of the system's own ones. */
  readonly home: string | undefined;
  /** Folder of the profile. */
  readonly folder: string;
  readonly identity: string;
  readonly store: string;
  /** The store of a profile with a passphrase. */
  readonly sealedStore: string;
  readonly log: string;
  /** Shared by all profiles of a home. */
  readonly config: string;
  /** Sockets and the files by which nodes of this machine find each other. */
  readonly runtime: string;
  /** Socket, or named pipe on Windows. */
  readonly socket: string;
}

export interface PathFlags {
  readonly home?: string | undefined;
  readonly profile?: string | undefined;
}

export const SEALED_STORE = "store.sealed";

/** @throws ParleyError `bad-profile-name` */
export function profilePaths(flags: PathFlags, environment: NodeJS.ProcessEnv): ProfilePaths {
  const profile = flags.profile ?? environment.PARLEY_PROFILE ?? "default";
  if (!/^[a-z0-9][a-z0-9_.-]{0,31}$/i.test(profile)) {
    throw new ParleyError("bad-profile-name", `"${profile}" cannot be the name of a profile.`, {
      hint: "1 to 32 letters, digits, -, _ or ., beginning with a letter or digit.",
    });
  }
  const home = flags.home ?? environment.PARLEY_HOME;
  const xdg = envPaths("parley", { suffix: "" });
  const data = home === undefined ? xdg.data : resolve(home);
  const folder = join(data, "profiles", profile);
  const runtime = runtimeFolder(environment);
  return {
    profile,
    home,
    folder,
    identity: join(folder, "identity.json"),
    store: join(folder, "store"),
    sealedStore: join(folder, SEALED_STORE),
    log: join(folder, "node.log"),
    config: home === undefined ? join(xdg.config, "config.toml") : join(data, "config.toml"),
    runtime,
    socket: socketPath(runtime, folder),
  };
}

function runtimeFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.PARLEY_RUNTIME_DIR) return resolve(environment.PARLEY_RUNTIME_DIR);
  if (environment.XDG_RUNTIME_DIR) return join(environment.XDG_RUNTIME_DIR, "parley");
  return join(tmpdir(), `parley-${userInfo().username}`);
}

/** A socket's path must stay below 108 bytes: its name is a hash of the profile's folder. */
function socketPath(runtime: string, folder: string): string {
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\parley-${name}`;
  const path = join(runtime, `${name}.sock`);
  return Buffer.byteLength(path) < 104 ? path : join(tmpdir(), `parley-${name}.sock`);
}
