/** What every part of the client shares. */
import type { Crypto, Signer } from "../core/crypto/port.ts";
import type { Certificate } from "../core/identity/types.ts";
import type { Clock, Logger, Random, Store, Timers, Transport } from "../core/interfaces.ts";
import type { FollowingRecord } from "../core/network/link.ts";
import type { PrivateNetwork } from "../core/network/ports.ts";
import type { AddressInfo, Check } from "./api.ts";
import type { ClockCheck } from "./online/clock-check.ts";
import type { Emitter } from "./emitter.ts";
import type { NetworkLink } from "./online/network-link.ts";
import type { OwnNetwork } from "./networks/own-network.ts";
import type { Notices } from "./notices.ts";
import type { Indexing } from "./upkeep/indexing.ts";
import type { Revocations } from "./devices/revocations.ts";
import type { Book } from "./people/book.ts";
import type { Fingerprints } from "./people/fingerprints.ts";
import type { Records } from "./records.ts";

/** The own device: its key and the root's certificate for it. */
export interface OwnDevice {
  /** Ed25519 seed, 32 bytes. */
  readonly seed: Uint8Array;
  readonly certificate: Certificate;
}

/** What linking another device needs of all networks of the profile. */
export interface AllNetworks {
  /** Has the members of each private network know of a device; resolves when that is on disk. */
  admit(certificate: Certificate): Promise<void>;
  /** Says in the rooms of every other network that a device writes no more. @param here scope of the network that has said so */
  revoke(device: string, here: string): Promise<void>;
  /** Has every other network look at what is kept of revocations. @param here scope of the network that has heard of one */
  revoked(here: string): Promise<void>;
  /** Admits another device of this person to every private network, and gives what it needs to be in them. */
  share(certificate: Certificate): Promise<FollowingRecord[]>;
  /** Takes networks that another device of this person is in, bar those that were left here; their names. */
  follow(records: readonly FollowingRecord[]): Promise<string[]>;
  /** Where this device is reached in each network that runs. */
  addresses(): Promise<{ readonly scope: string; readonly addresses: readonly AddressInfo[] }[]>;
}

export interface MailSwitches {
  readonly carry: boolean;
  readonly give: boolean;
}

export interface ServiceInit {
  readonly store: Store;
  readonly profile: string;
  readonly networkName: string;
  /** Where this is a private network and not the open one of that name. */
  readonly privateNetwork?: OwnNetwork;
  readonly device: OwnDevice;
  /** Name to begin with where the store has none. */
  readonly name: string;
  /** Makes a node that is not started yet; absent: the network stays off. */
  readonly createTransport?: (
    deviceSeed: Uint8Array,
    privateNetwork?: PrivateNetwork,
  ) => Promise<Transport>;
  /** Makes and saves a new device key and certificate; the old one never signs again. */
  readonly retireDevice: () => Promise<OwnDevice>;
  /** This device was made from the phrase: its rooms are asked of those who are met. */
  readonly restored?: boolean;
  /** Signs with the root key, where this device holds the phrase. */
  readonly rootSign?: (message: Uint8Array) => Uint8Array;
  /** What linking another device needs of all networks of the profile. */
  readonly allNetworks?: AllNetworks;
  /** Peer id of a device key, as libp2p writes it. */
  readonly peerIdOf: (device: Uint8Array) => string;
  /** Checks of the surroundings that only the wiring can make (runtime, files, ports). */
  readonly surroundings?: () => Promise<Check[]>;
  /** Called by the methods `stop` and `lock` after their answer. */
  readonly onStop: () => void;
  /** Whether others' mail is carried here, and one's own given to others to carry; both where it is absent. */
  readonly mail?: MailSwitches;
  /** Whether a passphrase seals the profile. */
  readonly sealed?: boolean;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly version: string;
  readonly pid: number;
  readonly localOnly: boolean;
}

export interface Context {
  readonly init: ServiceInit;
  readonly records: Records;
  readonly emitter: Emitter;
  readonly notices: Notices;
  readonly fingerprints: Fingerprints;
  readonly clockCheck: ClockCheck;
  readonly link: NetworkLink;
  readonly indexing: Indexing;
  /** Identity key. */
  readonly root: Uint8Array;
  /** The same in hex. */
  readonly author: string;
  readonly ignored: Map<string, string>;
  readonly book: Book;
  readonly revocations: Revocations;
  /** Changes when the device key is retired. */
  device: OwnDevice;
  signer: Signer;
  name: string;
  /** What this person sees an identity (hex) called, wherever they are met. */
  nameOf: (author: string) => string;
}
