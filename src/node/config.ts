/** The config file (TOML): flag before environment before file before default. */
import { readFile } from "node:fs/promises";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { ParleyError } from "../core/codec/errors.ts";
import { canonicalNetworkName } from "../core/room/open-room.ts";

const addresses = v.pipe(v.array(v.string()), v.maxLength(64));

const Config = v.strictObject({
  /** Name of the network; people in different networks never meet. */
  network: v.optional(v.string()),
  /** Multiaddrs to listen on, in place of the ports chosen at the first start. */
  listen: v.optional(addresses),
  /** Multiaddrs to tell others besides those. */
  announce: v.optional(addresses),
  /** Multiaddrs to dial at every start. */
  bootstrap: v.optional(addresses),
  /** Loopback only, no multicast. */
  "local-only": v.optional(v.boolean()),
  /** Keep places for people nobody can dial, and carry what they say. */
  relay: v.optional(v.boolean()),
  /** Expect many to connect, as somebody others begin with does. */
  "bootstrap-node": v.optional(v.boolean()),
  /** Serve /healthz, /readyz and /metrics on this port of 127.0.0.1. */
  "metrics-port": v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  /** Ask the router to forward a port (default true). */
  upnp: v.optional(v.boolean()),
  /** STUN servers ("stun:host:port") to find a way through routers with, in place of the relays' own; [] for none. */
  stun: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^stun:/))), v.maxLength(8))),
  /** Carry what is written to people who are away, sealed to them (default true). */
  "carry-mail": v.optional(v.boolean()),
  /** Have others carry what is written here to people who are away (default true). */
  "give-mail": v.optional(v.boolean()),
  /** "sync" (default): own messages are on the disk before anybody hears of them. "process": faster, and a power loss may cost them. */
  durability: v.optional(v.picklist(["sync", "process"])),
});

export type ConfigFile = v.InferOutput<typeof Config>;

/** Names a config file may hold, for docs and messages. */
export const CONFIG_KEYS = Object.keys(Config.entries);

/** What the file says; nothing when there is none. @throws ParleyError `bad-config` */
export async function readConfig(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new ParleyError("bad-config", `The config file ${path} cannot be read.`, {
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const where = cause instanceof TomlError ? ` Line ${cause.line}, column ${cause.column}.` : "";
    throw new ParleyError("bad-config", `The config file ${path} is not TOML.${where}`, { cause });
  }
  const result = v.safeParse(Config, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = issue.path?.map((part) => String(part.key)).join(".") ?? "";
  throw new ParleyError("bad-config", `The config file ${path} has something wrong at "${key}".`, {
    hint: `It knows: ${CONFIG_KEYS.join(", ")}.`,
  });
}

/** The network's name from flag, environment or file; undefined where none is named. @throws ParleyError `bad-network-name` */
export function networkName(
  flag: string | undefined,
  environment: NodeJS.ProcessEnv,
  file: ConfigFile,
): string | undefined {
  const name = flag ?? environment.PARLEY_NETWORK ?? file.network;
  return name === undefined ? undefined : canonicalNetworkName(name);
}
