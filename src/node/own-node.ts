/** A node in this process: the store, the socket at once, and the network where it is wanted. */
import { readFileSync } from "node:fs";
import type { ParleyApi } from "../app/api.ts";
import { rememberPeer, savedPeers } from "../app/records.ts";
import type { JoinPort } from "../app/networks/joining.ts";
import type { NetworkNode, NetworksInit } from "../app/networks/networks.ts";
import type { Logger, Store } from "../core/interfaces.ts";
import type { ConvertProgress } from "../storage/index.ts";
import { settleStore } from "./at-rest.ts";
import { nodeCrypto } from "./crypto.ts";
import { privateFolder, refuseForeign } from "./files.ts";
import { choosePorts, type Identity, openIdentity } from "./identity.ts";
import type { HostedNetworks } from "./networks.ts";
import { logLevel, stderrLogger, systemClock, systemRandom, systemTimers } from "./platform.ts";
import type { Profile } from "./profile.ts";
import { SocketServer } from "./socket-server.ts";
import { surroundings } from "./surroundings.ts";

export interface OwnNodeOptions {
  readonly profile: Profile;
  /** Whether to start the network. */
  readonly online: boolean;
  /** Whether to start every network the profile is in, not only the one that was asked for. */
  readonly all?: boolean;
  readonly passphrase: () => Promise<string>;
  /** The store is on its way into a sealed one, or out of it. */
  readonly converting?: ConvertProgress | undefined;
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
  const place = await settleStore(identity, paths, options.converting);
  const store = await openStore({ ...place, logger, createIfMissing: true, durability });
  // From here on this process is the node of the profile: clients may come while it still opens its rooms.
  const opening = Promise.withResolvers<HostedNetworks>();
  opening.promise.catch(() => undefined);
  let server: SocketServer | undefined;
  try {
    const { clientsChanged } = options;
    server = await SocketServer.listen({
      path: paths.socket,
      logger,
      api: async (network) => (await opening.promise).api(network),
      clientsChanged,
      passing: options.handOver,
    });
    const networks = await openNetworks(options, await settled(identity, store), store, logger);
    const api = await networks.api();
    opening.resolve(networks);
    return running(networks, api, server, store, options);
  } catch (error) {
    opening.reject(error);
    await server?.close(true);
    await store.close();
    throw error;
  }
}

function running(
  networks: HostedNetworks,
  api: ParleyApi,
  server: SocketServer,
  store: Store,
  options: OwnNodeOptions,
): OwnNode {
  const online = options.online ? networks.online(options.all === true) : Promise.resolve();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await online;
    const closed = server.close(options.handOver);
    await networks.close("the node has ended");
    await closed;
    await store.close();
  };
  return {
    api,
    socket: options.profile.paths.socket,
    online,
    clients: () => server.clients,
    probeStore: () => store.writeMeta([{ key: "probe", value: null }]),
    close: () => (closing ??= close()),
  };
}

/** What has followed a linked device is in its store before anything else looks there. */
async function settled(identity: Identity, store: Store): Promise<Identity> {
  if (!identity.following) return identity;
  const { writeFollowing } = await import("../app/devices/following.ts");
  await writeFollowing(store, identity.following, choosePorts);
  return identity.followed();
}

async function openNetworks(
  options: OwnNodeOptions,
  identity: Identity,
  store: Store,
  logger: Logger,
): Promise<HostedNetworks> {
  const { profile } = options;
  const { HostedNetworks } = await import("./networks.ts");
  const { peerIdOf } = await import("../network/peer-id.ts");
  const platform = { clock: systemClock, random: systemRandom, timers: systemTimers, logger };
  const init: NetworksInit = {
    ...platform,
    store,
    profile: profile.paths.profile,
    asked: profile.network,
    newPorts: choosePorts,
    device: identity.device,
    name: identity.name,
    crypto: nodeCrypto,
    retireDevice: () => identity.retireDevice(),
    restored: identity.restored,
    ...(identity.rootSign ? { rootSign: identity.rootSign } : {}),
    peerIdOf,
    surroundings: () => surroundings(profile),
    onStop: options.onStop,
    sealed: identity.storeKey !== undefined && !identity.opening,
    version: packageVersion(),
    pid: process.pid,
    localOnly: profile.localOnly,
    mail: {
      carry: profile.config["carry-mail"] ?? true,
      give: profile.config["give-mail"] ?? true,
    },
    ...(options.online ? { createTransport: transportOf(options, identity, store, logger) } : {}),
  };
  return HostedNetworks.open(init, joinOver(profile.localOnly, logger));
}

/** Joining a private network, over a node of its own that ends with it. */
function joinOver(localOnly: boolean, logger: Logger): JoinPort {
  return async ({ scope, ...request }) => {
    const { joinNetwork } = await import("../network/index.ts");
    return joinNetwork({ ...request, networkName: scope, localOnly, logger });
  };
}

/** Loads libp2p only when a node is made: it is most of the time of a start. */
function transportOf(
  { profile, ...options }: OwnNodeOptions,
  identity: Identity,
  store: Store,
  logger: Logger,
) {
  const { config, localOnly, paths } = profile;
  const [fromFlags, fromConfig] = [options.listen, config.listen ?? []];
  const given = fromFlags.length > 0 ? fromFlags : fromConfig;
  let first: string | undefined;
  return async (deviceSeed: Uint8Array, { scope, entry, privateNetwork }: NetworkNode) => {
    // What flags and config file say of addresses is meant for the network this process was started in.
    first ??= scope;
    const isFirst = scope === first;
    const { tcp, ws } = entry?.ports ?? (isFirst ? identity.ports : { tcp: 0, ws: 0 });
    const chosen = [`/ip4/0.0.0.0/tcp/${tcp}`, `/ip4/0.0.0.0/tcp/${ws}/ws`];
    const extra = (list: readonly string[] = []): readonly string[] => (isFirst ? list : []);
    const { createTransport, RELAY_LIMITS } = await import("../network/index.ts");
    const isRelay = isFirst && (options.relay === true || config.relay === true);
    return createTransport({
      deviceSeed,
      networkName: scope,
      privateNetwork,
      listen: isFirst && given.length > 0 ? given : chosen,
      announce: [...extra(options.announce), ...extra(config.announce)],
      bootstrap: [
        ...extra(options.bootstrap),
        ...extra(config.bootstrap),
        ...(entry?.bootstrap ?? []),
      ],
      localOnly,
      relay: isRelay ? RELAY_LIMITS : undefined,
      bootstrapNode: options.bootstrapNode === true || config["bootstrap-node"] === true,
      stun: config.stun,
      upnp: config.upnp,
      runtimeDir: paths.runtime,
      savedPeers: () => savedPeers(store, scope),
      rememberPeer: (address) => {
        rememberPeer(store, scope, address, Date.now()).catch((error: unknown) => {
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
