/**
 * Every bound of parley, named once. Units are last in the name. docs/limits.md lists them all and
 * a test compares the two. Bounds marked "frozen" are part of room version 1: changing one forks rooms.
 */

// --- events (spec/event.md), frozen
export const EVENT_CONTENT_MAX_BYTES = 32 * 1024;
export const EVENT_WIRE_MAX_BYTES = 48 * 1024;
export const EVENT_KIND_MAX = 0xffff;
export const EVENT_PARENTS_MAX_COUNT = 8;
export const EVENT_AUTH_MAX_COUNT = 8;
/** Events of one device on one UTC day that belong to the content set: the lowest (moment, id) stay. */
export const EVENTS_PER_DEVICE_DAY_MAX_COUNT = 262_144;
/** 2^53 - 1: the last moment a safe integer holds (year 2094). */
export const MOMENT_MAX = Number.MAX_SAFE_INTEGER;

// --- signatures (spec/signatures.md)
/** Public keys whose check is remembered, and as many prepared for the platform's verifier. */
export const JUDGED_KEYS_MAX_COUNT = 4_096;

/** Arrays inside arrays in anything decoded. */
export const CBOR_DEPTH_MAX_COUNT = 8;

// --- clocks (spec/clock.md)
export const CLOCK_PARENT_AHEAD_MAX_MS = 60_000;
export const CLOCK_ACCEPT_AHEAD_MAX_MS = 300_000;
export const CLOCK_HOLD_AHEAD_MAX_MS = 24 * 3_600_000;
export const CLOCK_SIGN_AHEAD_MAX_MS = 60_000;
export const HELD_ASIDE_MAX_COUNT = 1_024;

// --- content of events (spec/content.md)
export const NAME_MAX_BYTES = 64;
export const TEXT_MAX_BYTES = 16 * 1024;

// --- text as shown (spec/text.md)
/** Marks kept on one letter; more would only climb over the lines above. */
export const MARKS_PER_LETTER_MAX_COUNT = 8;
/** Emoji joined into one; the longest that fonts know has four parts. */
export const EMOJI_JOINED_MAX_COUNT = 10;

// --- identities (spec/identity.md)
export const CERTIFICATE_MAX_BYTES = 256;

// --- rooms
export const ROOM_NAME_MAX_BYTES = 64;
export const NETWORK_NAME_MAX_BYTES = 64;
export const ROOMS_JOINED_MAX_COUNT = 500;

// --- the client's records
/** Addresses of peers kept for the next start. */
export const SAVED_PEERS_MAX_COUNT = 64;
/** Texts waiting unsigned. */
export const DRAFTS_MAX_COUNT = 10_000;
export const HISTORY_PAGE_MAX_COUNT = 1_000;
/** Own messages whose delivery is tracked one by one; older ones count as pending together. */
export const PENDING_TRACKED_MAX_COUNT = 1_000;
export const SETTING_MAX_BYTES = 1_024;

// --- pages and envelopes (spec/page.md, spec/envelope.md)
export const PAGE_MAX_BYTES = 1024 * 1024;
export const PAGE_EVENTS_MAX_COUNT = 1_024;
export const PAGE_AUTHORS_MAX_COUNT = 1_024;
export const ENVELOPE_MAX_BYTES = 60 * 1024;
export const ENVELOPE_EVENTS_MAX_COUNT = 256;
/** A gossiped run's newest event may be this old; older ones are ignored and left to reconciliation. */
export const GOSSIP_AGE_MAX_MS = 600_000;

// --- reconciliation (spec/sync.md)
export const SYNC_FRAME_MAX_BYTES = 64 * 1024;
export const SYNC_RANGES_MAX_COUNT = 2_048;
export const SYNC_IDLE_ROUNDS_MAX_COUNT = 24;
export const SYNC_SESSIONS_PER_PEER_MAX_COUNT = 2;
export const SYNC_IDLE_MAX_MS = 10_000;
export const SYNC_STREAM_ABOVE_COUNT = 1_000;
export const SYNC_PERIOD_MIN_MS = 30_000;
export const SYNC_PERIOD_MAX_MS = 600_000;
export const ACK_PERIOD_MS = 100;
export const ACK_ENTRIES_MAX_COUNT = 512;

// --- local memory
export const TRIE_LEAF_MAX_COUNT = 64;
export const TRIE_DEPTH_MAX_NIBBLES = 24;
