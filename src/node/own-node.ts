/** A node in this process: the store, the socket at once, and the network where it is wanted. */
import { readFileSync } from "node:fs";
import type { ParleyApi } from "../app/api.ts";
import { rememberPeer, savedPeers } from "../app/records.ts";
import type { ParleyService } from "../app/service.ts";
import type { Logger, Store } from "../core/interfaces.ts";
import { nodeCrypto } from "./crypto.ts";
import { privateFolder, refuseForeign } from "./files.ts";
import { type Identity, openIdentity } from "./identity.ts";
import { logLevel, stderrLogger, systemClock, systemRandom, systemTimers } from "./platform.ts";
import type { Profile } from "./profile.ts";
import { SocketServer } from "./socket-server.ts";
import { surroundings } from "./surroundings.ts";

export interface OwnNodeOptions {
  readonly profile: Profile;
  /** Whether to start the network. */
  readonly online: boolean;
  readonly passphrase: () => Promise<string>;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly bootstrap: readonly string[];
  /** Whether this node is a relay for others, whatever the config file says. */
  readonly relay?: boolean;
  /** Whether many are expected to connect. */
  readonly bootstrapNode?: boolean;
  /** Whether clients go on without this process when it ends: a command, not a node. */
  readonly handOver: boolean;
  /** A client has asked the node to stop. */
  readonly onStop: () => void;
  readonly clientsChanged: (count: number) => void;
}

export interface OwnNode {
  readonly api: ParleyApi;
  readonly socket: string;
  /** Resolves when the network listens, or has failed to (a notice says so). */
  readonly online: Promise<void>;
  readonly clients: () => number;
  /** Rejects where the store cannot be written. */
  readonly probeStore: () => Promise<void>;
  close(): Promise<void>;
}

/** @throws ParleyError `store-locked` and what opening an identity and a store throw */
export async function openOwnNode(options: OwnNodeOptions): Promise<OwnNode> {
  const { profile } = options;
  const { paths } = profile;
  const logger = stderrLogger(logLevel(process.env));
  const identity = await openIdentity(paths.identity, options.passphrase);
  await privateFolder(paths.folder);
  await privateFolder(paths.runtime);
  await refuseForeign(paths.runtime);
  const { openStore } = await import("../storage/index.ts");
  const durability = profile.config.durability ?? "sync";
  const store = await openStore({ path: paths.store, logger, createIfMissing: true, durability });
  // From here on this process is the node of the profile: clients may come while it still opens its rooms.
  const opening = Promise.withResolvers<ParleyApi>();
  opening.promise.catch(() => undefined);
  let server: SocketServer | undefined;
  try {
    const { clientsChanged } = options;
    server = await SocketServer.listen({
      path: paths.socket,
      logger,
      api: opening.promise,
      clientsChanged,
    });
    const service = await openService(options, identity, store, logger);
    opening.resolve(service);
    return running(service, server, store, options);
  } catch (error) {
    opening.reject(error);
    await server?.close(true);
    await store.close();
    throw error;
  }
}

function running(
  service: ParleyService,
  server: SocketServer,
  store: Store,
  options: OwnNodeOptions,
): OwnNode {
  const online = options.online ? service.startNetwork() : Promise.resolve();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await online;
    const closed = server.close(options.handOver);
    await service.close("the node has ended");
    await closed;
    await store.close();
  };
  return {
    api: service,
    socket: options.profile.paths.socket,
    online,
    clients: () => server.clients,
    probeStore: () => store.writeMeta([{ key: "probe", value: null }]),
    close: () => (closing ??= close()),
  };
}

async function openService(
  options: OwnNodeOptions,
  identity: Identity,
  store: Store,
  logger: Logger,
): Promise<ParleyService> {
  const { profile } = options;
  const { createService } = await import("../app/service.ts");
  const { peerIdOf } = await import("../network/peer-id.ts");
  const platform = { clock: systemClock, random: systemRandom, timers: systemTimers, logger };
  return createService({
    ...platform,
    store,
    profile: profile.paths.profile,
    networkName: profile.network,
    device: identity.device,
    name: identity.name,
    crypto: nodeCrypto,
    retireDevice: () => identity.retireDevice(),
    peerIdOf,
    surroundings: () => surroundings(profile),
    onStop: options.onStop,
    version: packageVersion(),
    pid: process.pid,
    localOnly: profile.localOnly,
    ...(options.online ? { createTransport: transportOf(options, identity, store, logger) } : {}),
  });
}

/** Loads libp2p only when a node is made: it is most of the time of a start. */
function transportOf(
  { profile, ...options }: OwnNodeOptions,
  identity: Identity,
  store: Store,
  logger: Logger,
) {
  const { config, network, localOnly, paths } = profile;
  const { tcp, ws } = identity.ports;
  const chosen = [`/ip4/0.0.0.0/tcp/${tcp}`, `/ip4/0.0.0.0/tcp/${ws}/ws`];
  const [fromFlags, fromConfig] = [options.listen, config.listen ?? []];
  return async (deviceSeed: Uint8Array) => {
    const { createTransport, RELAY_LIMITS } = await import("../network/index.ts");
    const isRelay = options.relay === true || config.relay === true;
    return createTransport({
      deviceSeed,
      networkName: network,
      listen: fromFlags.length > 0 ? fromFlags : fromConfig.length > 0 ? fromConfig : chosen,
      announce: [...options.announce, ...(config.announce ?? [])],
      bootstrap: [...options.bootstrap, ...(config.bootstrap ?? [])],
      localOnly,
      relay: isRelay ? RELAY_LIMITS : undefined,
      bootstrapNode: options.bootstrapNode === true || config["bootstrap-node"] === true,
      stun: config.stun,
      runtimeDir: paths.runtime,
      savedPeers: () => savedPeers(store),
      rememberPeer: (address) => {
        rememberPeer(store, address, Date.now()).catch((error: unknown) => {
          logger.debug("a peer's address was not kept", { error: String(error) });
        });
      },
      clock: systemClock,
      random: systemRandom,
      logger,
    });
  };
}

/** From the package.json above dist/, or above src/ when the sources run. */
export function packageVersion(): string {
  for (const above of ["../package.json", "../../package.json"]) {
    try {
      return (
        JSON.parse(readFileSync(new URL(above, import.meta.url), "utf8")) as { version: string }
      ).version;
    } catch {
      // The other place, then.
    }
  }
  return "unknown";
}
