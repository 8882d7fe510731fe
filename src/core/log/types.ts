/** The shapes of the log: docs/spec/event.md is their definition, this file their names. */

/** Kinds of events this version understands. Unknown kinds are stored and forwarded, not shown. */
export const KIND_NAME = 1;
export const KIND_TEXT = 2;
/** Text in the third person, as IRC's /me. */
export const KIND_ACTION = 3;
/** A device of the author writes no more (docs/spec/devices.md). Not shown. */
export const KIND_REVOKE = 4;
/** The author hides somebody in an open room, or no more (docs/spec/hides.md). Not shown. */
export const KIND_HIDE = 5;
/** What is said in a private room, its kind with it (docs/spec/private-rooms.md). */
export const KIND_SEALED = 6;
/** The first event of an owned room: its id is the room's (docs/spec/owned-rooms.md). */
export const KIND_CREATE = 0x4001;

/** A place in the one order of a room: by moment, then by id. */
export interface Position {
  /** (ms since 2025-01-01T00:00Z) × 4096 + counter; a safe integer. */
  readonly moment: number;
  /** Event id, 32 bytes. */
  readonly id: Uint8Array;
}

/** A cut between positions: everything that sorts before (moment, prefix) lies below it. */
export interface Bound {
  /** A moment, or `Infinity` for the cut above everything. */
  readonly moment: number;
  /** 0 to 32 bytes of an id; an empty prefix sorts before every id of that moment. */
  readonly prefix: Uint8Array;
}

/** Positions p with lower ≤ p < upper. */
export interface Range {
  readonly lower: Bound;
  readonly upper: Bound;
}

/** A decoded event of one room. Made only by `decodeEvent`, `createEvent` and `decodePage`. */
export interface LogEvent extends Position {
  /** Root key of the author's identity, 32 bytes; bound into the id. */
  readonly root: Uint8Array;
  /** Device key that signed, 32 bytes. */
  readonly device: Uint8Array;
  readonly kind: number;
  /** 1, 2, 3 … per (room, root, device). */
  readonly seq: number;
  /** Id of the same chain's event seq - 1; null exactly when seq is 1. */
  readonly prev: Uint8Array | null;
  /** Heads seen, sorted by id, without prev; at most 8. */
  readonly parents: readonly Uint8Array[];
  /** Control heads seen, sorted by id; at most 8. */
  readonly auth: readonly Uint8Array[];
  /** CBOR of the kind's content array, at most 32 KiB. */
  readonly content: Uint8Array;
  /** Ed25519 by `device`, 64 bytes; not covered by the id. */
  readonly signature: Uint8Array;
}

/**
 * What is known of an event's own signature. An `unverified` or `bad` one is authentic all the same
 * when an authentic successor names it as `prev` (docs/spec/event.md, "whose signature proves what").
 */
export type Proof = "verified" | "unverified" | "bad";

/** An authentic event as the store keeps it. */
export interface StoredEvent extends LogEvent {
  readonly proof: Proof;
}

/** Number and sum (mod 2^256, little-endian, 32 bytes) of the ids in a range: Negentropy v1's accumulator. */
export interface RangeSum {
  readonly count: number;
  readonly sum: Uint8Array;
}

/** Everything the store knows of one (root, device) in one room. */
export interface Chain {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  /** Events stored. */
  readonly count: number;
  /** The event of highest seq stored. */
  readonly tip: Position & { readonly seq: number };
  /** Highest seq with no gap below it; 0 when seq 1 is missing. */
  readonly gapFreeSeq: number;
  /** Two different events with one seq are stored: the pair is proof. */
  readonly equivocated: boolean;
}
