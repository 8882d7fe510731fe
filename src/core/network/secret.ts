/** Private networks: their ids, their secrets, and what follows from these (docs/spec/private-networks.md). */
import { compare, concat, utf8 } from "../codec/bytes.ts";
import type { Crypto } from "../crypto/port.ts";
import { roomKeys, type RoomKeys } from "../room/open-room.ts";

/** One generation of a network's inner secret. */
export interface NetworkSecret {
  /** 1 for the first, one more at each rotation. */
  readonly generation: number;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  /** Unix ms from which it opens nothing any more; null for one that no other follows. */
  readonly closesMs: number | null;
}

const NETWORK_DOMAIN = utf8("parley/private-network/1\0");
const LOG_DOMAIN = utf8("parley/network-log/1\0");
const COMMIT_DOMAIN = utf8("parley/net-secret/1\0");
/** What the keys of the log are called where a name is wanted: no room can be called so. */
export const NETWORK_LOG_NAME = "(network)";

/** The constant id of a private network, 32 bytes: follows from who founded it, so nobody else can claim that. */
export function privateNetworkId(
  crypto: Crypto,
  founder: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  return crypto.sha256(concat(NETWORK_DOMAIN, founder, nonce));
}

/**
 * The log in which members keep who was let in, what was revoked and which secret follows which. Its keys stay the same
 * whatever the secret: a member who comes back with an old one finds the new one here.
 */
export function networkLog(crypto: Crypto, network: Uint8Array): RoomKeys {
  const roomId = crypto.sha256(concat(LOG_DOMAIN, network));
  return roomKeys(crypto, NETWORK_LOG_NAME, roomId, network);
}

/** Commits to a secret without giving it away, 32 bytes. */
export function commitmentOf(crypto: Crypto, network: Uint8Array, secret: Uint8Array): Uint8Array {
  return crypto.sha256(concat(COMMIT_DOMAIN, network, secret));
}

/** The newest first; of two with one number the lower one counts as newer to everybody. */
export function newestFirst(secrets: readonly NetworkSecret[]): NetworkSecret[] {
  return [...secrets].sort((a, b) => b.generation - a.generation || compare(a.secret, b.secret));
}

/** Secrets that open something now, the newest first. */
export function liveSecrets(secrets: readonly NetworkSecret[], nowMs: number): NetworkSecret[] {
  return newestFirst(secrets).filter(({ closesMs }) => closesMs === null || closesMs > nowMs);
}
