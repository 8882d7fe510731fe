/** What is done to a profile while no node runs for it: mending its store, and its passphrase. */
import { stat } from "node:fs/promises";
import { ParleyError } from "../core/codec/errors.ts";
import type { ConvertProgress } from "../storage/index.ts";
import { settleStore, type StorePlace } from "./at-rest.ts";
import { nodeCrypto } from "./crypto.ts";
import { openIdentity } from "./identity.ts";
import { findIdentityFile } from "./keystore.ts";
import type { ProfilePaths } from "./paths.ts";
import { logLevel, stderrLogger } from "./platform.ts";
import { openProfile, type ProfileFlags } from "./profile.ts";
import { connectSocket } from "./socket-client.ts";
import { whileLocked } from "./while-locked.ts";

export interface UnlockFlags extends ProfileFlags {
  /** The passphrase as it is; asked for only where there is one. */
  readonly passphrase: () => Promise<string>;
}

/** What mending a store has left. */
export interface Repaired {
  /** Messages and names that could be read. */
  readonly events: number;
  /** Those found that are damaged, and were left out. */
  readonly dropped: number;
  /** Where the store lies as it was. */
  readonly copy: string;
}

/**
 * Mends a store that cannot be opened; a copy of it as it was is kept beside it.
 * @throws ParleyError `node-running`, `store-locked`, `disk-full`, `wrong-passphrase`
 */
export async function repairProfile(
  flags: UnlockFlags,
  progress?: (doneBytes: number, totalBytes: number) => void,
): Promise<Repaired> {
  const { paths } = await openProfile(flags);
  await refuseRunning(paths);
  const file = await findIdentityFile(paths.identity);
  const identity = file?.sealed && (await openIdentity(paths.identity, flags.passphrase));
  const { path, key } = await damagedPlace(paths, identity ? identity.storeKey : undefined);
  const { repairStore } = await import("../storage/index.ts");
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const logger = stderrLogger(logLevel(process.env));
  const { events, dropped, copy } = await repairStore(
    path,
    stamp,
    logger,
    nodeCrypto,
    progress,
    key,
  );
  return { events, dropped, copy };
}

/** @throws ParleyError `wrong-passphrase`, `no-identity` */
export async function checkPassphrase(flags: UnlockFlags): Promise<void> {
  const { paths } = await openProfile(flags);
  await openIdentity(paths.identity, flags.passphrase);
}

/** A store that is on its way from one place to the other is read where it comes from. */
async function damagedPlace(
  { store, sealedStore }: ProfilePaths,
  key: Uint8Array | undefined,
): Promise<StorePlace> {
  const inClear = await stat(store).catch(() => undefined);
  return key && !inClear ? { path: sealedStore, key } : { path: store, key: undefined };
}

export interface PassphraseChange {
  /** Whether there is a passphrase now. */
  readonly sealed: boolean;
  /** Names of copies of damaged stores beside the store, which nothing seals. */
  readonly unsealedCopies: readonly string[];
}

/**
 * Sets, changes or takes away the passphrase of a profile. Another one only seals the keys anew; the first one has the store
 * written anew as well, and so has none. Cut short, the next command that opens the profile goes on with it.
 * @throws ParleyError `node-running`, `wrong-passphrase`, `store-locked`, `disk-full`
 */
export async function changePassphrase(
  flags: UnlockFlags & {
    /** undefined takes it away. */
    readonly newPassphrase: () => Promise<string | undefined>;
    readonly converting?: ConvertProgress;
  },
): Promise<PassphraseChange> {
  const { paths } = await openProfile(flags);
  await refuseRunning(paths);
  const open = await openIdentity(paths.identity, flags.passphrase);
  const wanted = await flags.newPassphrase();
  // What an earlier change has left undone comes first.
  await whileLocked(() => settleStore(open, paths, flags.converting));
  const settled = open.opening ? await openIdentity(paths.identity, flags.passphrase) : open;
  const changed = await settled.setPassphrase(wanted);
  await whileLocked(() => settleStore(changed, paths, flags.converting));
  const { damagedCopies } = await import("../storage/index.ts");
  const sealed = wanted !== undefined;
  return { sealed, unsealedCopies: sealed ? await damagedCopies(paths.store) : [] };
}

/** @throws ParleyError `node-running` */
async function refuseRunning({ socket }: ProfilePaths): Promise<void> {
  const running = await connectSocket(socket, "parley");
  if (!running) return;
  await running.close();
  throw new ParleyError("node-running", "A node runs for this profile, so its store is open.", {
    hint: "{parley stop} ends it; then try again.",
  });
}
