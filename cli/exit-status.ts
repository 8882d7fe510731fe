/** What each error code becomes as an exit status. Codes that are not listed are 1: it was tried and failed. */
export const DONE = 0;
export const FAILED = 1;
const WRONG_USAGE = 2;
/** Nobody reachable in time. */
const UNREACHABLE = 3;
/** Another process holds the store and cannot be asked. */
const LOCKED = 4;
/** A passphrase, a phrase, a key or a signature is not the right one. */
const NOT_VERIFIED = 5;
export const INTERRUPTED = 130;

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  "ambiguous-device": WRONG_USAGE,
  "ambiguous-id": WRONG_USAGE,
  "ambiguous-person": WRONG_USAGE,
  "bad-address": WRONG_USAGE,
  "bad-config": WRONG_USAGE,
  "bad-export": NOT_VERIFIED,
  "bad-id": WRONG_USAGE,
  "bad-name": WRONG_USAGE,
  "bad-network-name": WRONG_USAGE,
  "bad-phrase": NOT_VERIFIED,
  "bad-profile-name": WRONG_USAGE,
  "bad-retention": WRONG_USAGE,
  "bad-room-name": WRONG_USAGE,
  "bad-time": WRONG_USAGE,
  "bad-time-zone": WRONG_USAGE,
  "bad-usage": WRONG_USAGE,
  "bad-verify": NOT_VERIFIED,
  "damaged-line": NOT_VERIFIED,
  "unknown-device": WRONG_USAGE,
  "bad-swarm-key": WRONG_USAGE,
  "bad-terms": WRONG_USAGE,
  "bad-ticket": WRONG_USAGE,
  "ticket-kind": WRONG_USAGE,
  "network-key-missing": NOT_VERIFIED,
  "network-key-none": NOT_VERIFIED,
  "network-key-wrong": NOT_VERIFIED,
  "network-mismatch": NOT_VERIFIED,
  "not-confirmed": WRONG_USAGE,
  "not-delivered": UNREACHABLE,
  "not-connected": UNREACHABLE,
  "not-fetched": UNREACHABLE,
  "not-the-same": NOT_VERIFIED,
  "petname-taken": WRONG_USAGE,
  "search-empty": WRONG_USAGE,
  "search-too-long": WRONG_USAGE,
  "store-locked": LOCKED,
  unreachable: UNREACHABLE,
  "verify-unanswered": UNREACHABLE,
  "wrong-passphrase": NOT_VERIFIED,
  "wrong-peer": NOT_VERIFIED,
  "wrong-room": NOT_VERIFIED,
};

/** The exit status that tells a script of an error. */
export function exitStatusOf(code: string): number {
  return STATUS_OF_CODE[code] ?? FAILED;
}
