/** The face of the wiring: what the command line calls. */
import { USUAL_NETWORK } from "../app/networks/usual.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { IdentityInfo, ParleyApi } from "../app/api.ts";
import { toHex } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { settleStore } from "./at-rest.ts";
import { startBackground } from "./background.ts";
import { checkGiven } from "./config-check.ts";
import { nodeCrypto } from "./crypto.ts";
import * as identities from "./identity.ts";
import { limitHeapGrowth } from "./heap-growth.ts";
import { findIdentityFile } from "./keystore.ts";
import { openOwnNode, type OwnNode } from "./own-node.ts";
import { lastingSession, type Session } from "./lasting-session.ts";
import { openProfile, type Profile, type ProfileFlags } from "./profile.ts";
import { tellServiceManager } from "./service-manager.ts";
import { connectSocket } from "./socket-client.ts";
import { untilFree } from "./until-free.ts";
import { UnusedLock } from "./unused-lock.ts";
import { whileLocked } from "./while-locked.ts";

export { changePassphrase, checkPassphrase, repairProfile } from "./upkeep.ts";
export type { Session } from "./lasting-session.ts";
export type { ProfileFlags } from "./profile.ts";

/** A background node ends this long after its last client. */
const IDLE_END_MS = 10_000;

export interface SessionFlags extends ProfileFlags {
  readonly online: boolean;
  readonly passphrase: () => Promise<string>;
  /** Told while the store is moved into a sealed one, or out of it: records done, and all of them. */
  readonly converting?: (done: number, total: number) => void;
}

export interface NodeFlags extends SessionFlags {
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly bootstrap: readonly string[];
  readonly relay: boolean;
  readonly bootstrapNode: boolean;
  readonly metricsPort: number | undefined;
  readonly untilIdle: boolean;
  /** Told when a command that has the store open is waited for. */
  readonly waiting?: () => void;
}

export interface RunningNode {
  readonly api: ParleyApi;
  readonly socket: string;
  /** Where /healthz, /readyz and /metrics are served on 127.0.0.1, if they are. */
  readonly metricsPort: number | undefined;
  /** Whether it ended because it was locked. */
  readonly stopped: Promise<"stopped" | "locked">;
  stop(): Promise<void>;
}

export interface NewIdentity {
  readonly identity: IdentityInfo;
  readonly phrase: string;
}

/**
 * The running node of the profile, or the store in this process for as long as the session is open. Where the process
 * that answers ends meanwhile, such as another command that had opened the store, the session goes on with the next.
 */
export function openSession(flags: SessionFlags): Promise<Session> {
  return lastingSession(() => openOneSession(flags));
}

async function openOneSession(flags: SessionFlags): Promise<Session> {
  const profile = await openProfile(flags);
  const passphrase = once(flags.passphrase);
  return whileLocked(async () => {
    const remote = await connectSocket(profile.paths.socket, "parley", profile.network);
    if (remote) return { ...remote, how: "socket" };
    let ended: () => void = () => undefined;
    const own = await openOwnNode({
      profile,
      online: flags.online,
      passphrase,
      converting: flags.converting,
      listen: [],
      announce: [],
      bootstrap: [],
      handOver: true,
      onStop: () => ended(),
      clientsChanged: () => undefined,
    });
    await own.online;
    const session: Session = { api: own.api, how: "own", close: () => own.close() };
    ended = () => void session.close();
    return session;
  });
}

/** The node that runs for this profile, or undefined. */
export async function openRunning(flags: ProfileFlags): Promise<Session | undefined> {
  const { paths, network } = await openProfile(flags);
  const remote = await connectSocket(paths.socket, "parley", network);
  return remote && { ...remote, how: "socket" };
}

/**
 * A running node; where none runs, one is started in the background that ends 10 s after its last client. Where the node is
 * killed, or a command that answered ends, the session goes on with the next, which it starts; not when it was stopped.
 */
export function openBackground(flags: SessionFlags): Promise<Session> {
  const passphrase = once(flags.passphrase);
  return lastingSession(() => openOneBackground({ ...flags, passphrase }), "screen");
}

async function openOneBackground(flags: SessionFlags): Promise<Session> {
  const profile = await openProfile(flags);
  const remote = await connectSocket(profile.paths.socket, "parley", profile.network);
  if (remote) return { ...remote, how: "socket" };
  const file = await findIdentityFile(profile.paths.identity);
  if (!file) throw noIdentity();
  const passphrase = file.sealed ? await flags.passphrase() : undefined;
  // A wrong passphrase is said here, where the person is, not in the background's log.
  if (passphrase !== undefined) {
    const { paths } = profile;
    const identity = await identities.openIdentity(paths.identity, async () => passphrase);
    // A move of the store may take longer than a background node may take to answer.
    await whileLocked(() => settleStore(identity, paths, flags.converting));
  }
  return { ...(await startBackground(profile, passphrase)), how: "socket" };
}

/** Opens the store, the socket and the network, and keeps them until stopped. */
export async function runNode(flags: NodeFlags): Promise<RunningNode> {
  limitHeapGrowth();
  const profile = await openProfile(flags);
  await checkGiven(flags, profile.config);
  await untilFree(profile, flags.waiting);
  const passphrase = once(flags.passphrase);
  const stopped = Promise.withResolvers<"stopped" | "locked">();
  let stop: () => Promise<void> = () => Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  let unused: UnusedLock | undefined;
  const clientsChanged = (count: number): void => {
    clearTimeout(idle);
    unused?.clientsChanged(count);
    if (count === 0 && flags.untilIdle) idle = setTimeout(() => void stop(), IDLE_END_MS);
  };
  const own = await whileLocked(() =>
    openOwnNode({
      ...flags,
      profile,
      online: true,
      all: true,
      handOver: false,
      passphrase,
      clientsChanged,
      onStop: () => void stop(),
    }),
  );
  const metrics = await serveMetrics(flags.metricsPort ?? profile.config["metrics-port"], own);
  stop = async () => {
    clearTimeout(idle);
    unused?.stop();
    tellServiceManager("STOPPING=1", process.env);
    await metrics?.close();
    await own.close();
    stopped.resolve(unused?.locked === true ? "locked" : "stopped");
  };
  unused = new UnusedLock(own.api);
  clientsChanged(own.clients());
  await own.online;
  tellServiceManager("READY=1", process.env);
  const metricsPort = metrics?.port;
  return {
    api: own.api,
    socket: own.socket,
    metricsPort,
    stopped: stopped.promise,
    stop: () => stop(),
  };
}

/** Where no port is named nothing is loaded. */
async function serveMetrics(port: number | undefined, own: OwnNode) {
  if (port === undefined) return undefined;
  try {
    const { MetricsServer } = await import("./metrics-server.ts");
    return await MetricsServer.listen({ port, api: own.api, probeStore: own.probeStore });
  } catch (error) {
    await own.close();
    throw error;
  }
}

/** Reads the config file as a node would, and more closely. @returns its path and what it sets */
export async function checkConfigFile(
  flags: ProfileFlags,
  file?: string,
): Promise<{ file: string; settings: Record<string, unknown> }> {
  const { profilePaths } = await import("./paths.ts");
  const { checkConfig } = await import("./config-check.ts");
  const path = file ?? profilePaths(flags, process.env).config;
  return { file: path, settings: await checkConfig(path, { named: file !== undefined }) };
}

export async function hasIdentity(flags: ProfileFlags): Promise<boolean> {
  const { paths } = await openProfile(flags);
  return (await findIdentityFile(paths.identity)) !== undefined;
}

/** @throws ParleyError `identity-exists`, `bad-name` */
export async function createIdentity(
  flags: ProfileFlags & { name: string; passphrase?: string },
): Promise<NewIdentity> {
  const profile = await openProfile(flags);
  const { name, passphrase } = flags;
  const options = { name, passphrase, nowMs: Date.now() };
  return described(profile, await identities.createIdentity(profile.paths.identity, options));
}

/** The recovery phrase of this profile. @throws ParleyError `no-identity`, `no-phrase`, `wrong-passphrase` */
export async function backupIdentity(
  flags: ProfileFlags & { passphrase: () => Promise<string> },
): Promise<NewIdentity> {
  const profile = await openProfile(flags);
  return described(
    profile,
    await identities.openIdentity(profile.paths.identity, flags.passphrase),
  );
}

/** Makes a new device key under the identity of the phrase. @throws ParleyError `bad-phrase`, `identity-exists` */
export async function restoreIdentity(
  flags: ProfileFlags & { name: string; phrase: string; passphrase?: string },
): Promise<NewIdentity> {
  const profile = await openProfile(flags);
  const { name, phrase, passphrase } = flags;
  const options = { name, phrase, passphrase, nowMs: Date.now() };
  return described(profile, await identities.createIdentity(profile.paths.identity, options));
}

/**
 * Makes this profile another device of the identity of a ticket.
 * @throws ParleyError `identity-exists`, `bad-ticket`, `ticket-newer`, `ticket-kind`, `unreachable`, and why it is not linked
 */
export async function linkIdentity(
  flags: ProfileFlags & { ticket: string; passphrase?: string; waitMs: number },
): Promise<IdentityInfo> {
  const profile = await openProfile(flags);
  if (await findIdentityFile(profile.paths.identity)) throw identities.identityExists();
  const { readDeviceTicket } = await import("../core/network/device-ticket.ts");
  const { linkDevice } = await import("./linking.ts");
  const ticket = readDeviceTicket(nodeCrypto, flags.ticket);
  const { passphrase, waitMs } = flags;
  const { localOnly, paths } = profile;
  const identity = await linkDevice(paths.identity, { ticket, passphrase, localOnly, waitMs });
  return infoOf(profile, identity);
}

/** Whether a text is meant to be a ticket that links a device. */
export async function isDeviceTicket(text: string): Promise<boolean> {
  const { looksLikeDeviceTicket } = await import("../core/network/device-ticket.ts");
  return looksLikeDeviceTicket(text);
}

/** Whose device a ticket makes of whoever uses it: the fingerprint. @throws ParleyError `bad-ticket`, `ticket-newer`, `ticket-kind` */
export async function ticketOwner(ticket: string): Promise<string> {
  const { readDeviceTicket } = await import("../core/network/device-ticket.ts");
  return fingerprint(nodeCrypto, readDeviceTicket(nodeCrypto, ticket).root);
}

async function described(profile: Profile, identity: identities.Identity): Promise<NewIdentity> {
  if (identity.phrase === undefined) {
    throw new ParleyError(
      "no-phrase",
      "The recovery phrase of this identity is not on this device.",
    );
  }
  return { phrase: identity.phrase, identity: await infoOf(profile, identity) };
}

async function infoOf(profile: Profile, identity: identities.Identity): Promise<IdentityInfo> {
  const { peerIdOf } = await import("../network/peer-id.ts");
  const { root, device } = identity.device.certificate;
  return {
    name: identity.name,
    fingerprint: fingerprint(nodeCrypto, root),
    author: toHex(root),
    device: toHex(device),
    peerId: peerIdOf(device),
    profile: profile.paths.profile,
    network: profile.network ?? USUAL_NETWORK,
  };
}

/** Asks at most once. */
function once(ask: () => Promise<string>): () => Promise<string> {
  let answer: Promise<string> | undefined;
  return () => (answer ??= ask());
}

function noIdentity(): ParleyError {
  return new ParleyError("no-identity", "This profile has no identity yet.", {
    hint: "{parley init --name NAME}",
  });
}
