/**
 * What the command line asks of the machine it runs on. `src/node` gives it; commands never touch
 * the store, the network or the file system of a profile themselves.
 */
import type { IdentityInfo, ParleyApi } from "../src/app/api.ts";

/** Which profile, as far as flags say; environment and config file are the node's business. */
export interface ProfileFlags {
  readonly home?: string;
  readonly profile?: string;
  readonly network?: string;
  readonly localOnly?: boolean;
}

export interface SessionFlags extends ProfileFlags {
  /** Start the network where no node runs and this process opens the store itself. */
  readonly online: boolean;
  /** Asked for at most once, and only where the key file is sealed. */
  readonly passphrase: () => Promise<string>;
}

export interface Session {
  readonly api: ParleyApi;
  /** Whether a running node answers, or this process opened the store. */
  readonly how: "socket" | "own";
  close(): Promise<void>;
}

export interface NewIdentity {
  readonly identity: IdentityInfo;
  /** 24 words. */
  readonly phrase: string;
}

export interface NodeFlags extends SessionFlags {
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly bootstrap: readonly string[];
  /** End 10 s after the last client has gone. */
  readonly untilIdle: boolean;
}

export interface RunningNode {
  readonly api: ParleyApi;
  /** Of the local socket. */
  readonly socket: string;
  /** Resolves when it has stopped, by `stop` below or by a client. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

export interface NodePort {
  /** @throws ParleyError `no-identity`, `store-locked`, `wrong-passphrase`, `store-damaged`, `store-newer`, `disk-full` */
  openSession(flags: SessionFlags): Promise<Session>;
  /** The node that runs for this profile, or `undefined`. Opens no store and asks for no passphrase. */
  openRunning(flags: ProfileFlags): Promise<Session | undefined>;
  /** A running node; where none runs, one is started in the background that ends 10 s after its last client. */
  openBackground(flags: SessionFlags): Promise<Session>;
  /** Opens the store, the socket and the network, and keeps them until stopped. */
  runNode(flags: NodeFlags): Promise<RunningNode>;
  hasIdentity(flags: ProfileFlags): Promise<boolean>;
  /** @throws ParleyError `identity-exists`, `bad-name` */
  createIdentity(flags: ProfileFlags & { name: string; passphrase?: string }): Promise<NewIdentity>;
  /** The recovery phrase of this profile. @throws ParleyError `no-identity`, `no-phrase`, `wrong-passphrase` */
  backupIdentity(flags: ProfileFlags & { passphrase: () => Promise<string> }): Promise<NewIdentity>;
  /** Makes a new device key under the identity of the phrase. @throws ParleyError `bad-phrase`, `identity-exists` */
  restoreIdentity(
    flags: ProfileFlags & { name: string; phrase: string; passphrase?: string },
  ): Promise<NewIdentity>;
}
