/**
 * Every bound of parley, named once. Units are last in the name. docs/limits.md lists them all and
 * a test compares the two. Bounds marked "frozen" are part of room version 1: changing one forks rooms.
 */

// --- events (spec/event.md), frozen
/** The content of one event: a long text with room to spare, small enough to gossip. */
export const EVENT_CONTENT_MAX_BYTES = 32 * 1024;
/** A whole event: content, 8 parents, 8 auth events and the signature fit with room to spare. */
export const EVENT_WIRE_MAX_BYTES = 48 * 1024;
/** Kinds are numbered in 16 bits; unknown ones are kept and passed on. */
export const EVENT_KIND_MAX = 0xffff;
/** Heads one event can join; more heads are joined by the events after it. */
export const EVENT_PARENTS_MAX_COUNT = 8;
/** Events one event can name as the source of its right. */
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
/** An event further ahead of our clock is taken, but not as a parent: one clock must not drag all others along. */
export const CLOCK_PARENT_AHEAD_MAX_MS = 60_000;
/** How far an event may be ahead of our clock; beyond it is held aside until due. */
export const CLOCK_ACCEPT_AHEAD_MAX_MS = 300_000;
/** How far ahead an event may be to be held aside; beyond it is dropped. */
export const CLOCK_HOLD_AHEAD_MAX_MS = 24 * 3_600_000;
/** Own clock further ahead of the median of the peers: nothing is signed, and the person is told. */
export const CLOCK_SIGN_AHEAD_MAX_MS = 60_000;
/** Events held aside until they are due. */
export const HELD_ASIDE_MAX_COUNT = 1_024;

// --- content of events (spec/content.md)
/** A person's name, in UTF-8. */
export const NAME_MAX_BYTES = 64;
/** Names that people on the line have claimed and not signed yet; beyond it the one claimed longest ago is forgotten. */
export const NAMES_CLAIMED_MAX_COUNT = 1_000;
/** One message, in UTF-8; a longer one is refused where it is written. */
export const TEXT_MAX_BYTES = 16 * 1024;

// --- signatures checked while it is quiet (spec/event.md)
/** Events looked at in one step, each check a tenth of a millisecond. */
export const SIGNATURE_CHECKS_STEP_COUNT = 64;

// --- text as shown (spec/text.md)
/** Marks kept on one letter; more would only climb over the lines above. */
export const MARKS_PER_LETTER_MAX_COUNT = 8;
/** Emoji joined into one; the longest that fonts know has four parts. */
export const EMOJI_JOINED_MAX_COUNT = 10;

// --- identities (spec/identity.md)
/** A passphrase, in UTF-8. */
export const PASSPHRASE_MAX_BYTES = 1_024;
/** A certificate: five fields and a signature, 180 bytes today. */
export const CERTIFICATE_MAX_BYTES = 256;

// --- devices (spec/devices.md)
/** Revocations that are kept of one identity: of each device, by each of the others, in each room. */
export const REVOCATIONS_PER_PERSON_MAX_COUNT = 4_096;

/** Rooms that a frame of `/parley/rooms/1` names, and that come back to a restored device by what others say in all. */
export const RECALL_ROOMS_MAX_COUNT = 128;
/** Frames in which one's own devices name their rooms to each other. */
export const RECALL_FRAMES_MAX_COUNT = 4;
/** Own devices that are connected are told this long after a room was entered. */
export const RECALL_TELL_DELAY_MS = 1_000;
/** Rooms left on this device that are remembered: what other own devices name does not bring them back. */
export const LEFT_ROOMS_MAX_COUNT = 1_000;
/** A frame of `/parley/rooms/1`. */
export const RECALL_FRAME_MAX_BYTES = 16 * 1024;
/** Time one exchange of `/parley/rooms/1` may take. */
export const RECALL_TIMEOUT_MS = 10_000;
/** Question of `/parley/networks/1`: a certificate, and whether there is something to be asked for. */
export const NETWORKS_ASK_MAX_BYTES = 1_024;
/** Another device is asked, or answered, for its private networks no longer than this. */
export const NETWORKS_TIMEOUT_MS = 20_000;
/** Requests of strangers for a conversation that wait for an answer; what is over is refused. */
export const DIRECT_REQUESTS_MAX_COUNT = 64;
/** What is kept of what a stranger wrote, until they are accepted. */
export const DIRECT_TEXT_MAX_BYTES = 512;
/** A frame of `/parley/direct/1`. */
export const DIRECT_FRAME_MAX_BYTES = 1_024;
/** Time one exchange of `/parley/direct/1` may take. */
export const DIRECT_TIMEOUT_MS = 10_000;
/** People one has refused to talk with that are remembered; beyond them the oldest may ask again. */
export const DIRECT_REFUSED_MAX_COUNT = 1_024;
/** Mail for somebody who is away, sealed, with its padding. */
export const MAIL_SEALED_MAX_BYTES = 48 * 1024;
/** A frame of `/parley/mail/1`. */
export const MAIL_FRAME_MAX_BYTES = MAIL_SEALED_MAX_BYTES + 256;
/** Frames in one stream of `/parley/mail/1`. */
export const MAIL_FRAMES_MAX_COUNT = 64;
/** Time one frame of `/parley/mail/1` and its answer may take. */
export const MAIL_TIMEOUT_MS = 20_000;
/** Events are packed into mail of about this much. */
export const MAIL_PAGE_TARGET_BYTES = 24 * 1024;
/** Secrets of epochs in one piece of mail. */
export const MAIL_EPOCHS_MAX_COUNT = 64;
/** Own events of a conversation that are given to others to carry; the rest waits for the other one. */
export const MAIL_EVENTS_MAX_COUNT = 1_000;
/** Others who are given mail to carry, for each conversation. */
export const MAIL_CARRIERS_MAX_COUNT = 4;
/** Of so many pairs of a carrier and a device it is remembered what is carried; else it is given once more. */
export const MAIL_CARRIED_MAX_COUNT = 4_096;
/** Devices of the other one that mail is sealed to, those first that wrote last. */
export const MAIL_DEVICES_MAX_COUNT = 8;
/** What was written is given to others this long after. */
export const MAIL_POST_DELAY_MS = 500;
/** Mail that a node carries for others, in all. */
export const MAIL_KEPT_MAX_BYTES = 16 * 1024 * 1024;
/** Mail that it carries for one device. */
export const MAIL_MAILBOX_MAX_BYTES = 1024 * 1024;
/** Mail that it carries for one sender. */
export const MAIL_SENDER_MAX_BYTES = 1024 * 1024;
/** Each piece counts for so much more than it has bytes. */
export const MAIL_OVERHEAD_BYTES = 256;
/** Mail that it takes of one sender within a day, also such as takes the place of other mail; at most twice as much. */
export const MAIL_TAKEN_MAX_BYTES = 8 * 1024 * 1024;
/** Senders of whom that is counted. */
export const MAIL_SENDERS_MAX_COUNT = 1_024;
/** How long mail is carried. */
export const MAIL_KEPT_MAX_MS = 14 * 86_400_000;
/** A frame of `/parley/revoked/1`. */
export const REVOKED_FRAME_MAX_BYTES = 16 * 1024;
/** Revocations in it. */
export const REVOKED_EVENTS_MAX_COUNT = 8;
/** Time a revoked device has for being told so; then it is cut off. */
export const REVOKED_TELL_MAX_MS = 1_000;
/** How long a ticket that links a device can be good. */
export const DEVICE_TICKET_LIFETIME_MAX_MS = 3_600_000;
/** Such tickets that are remembered: the one that is good, and those that no longer are. */
export const DEVICE_TICKETS_MAX_COUNT = 16;
/** Time one exchange of `/parley/link/1` may take. */
export const LINK_TIMEOUT_MS = 20_000;
/** Exchanges of `/parley/link/1` that are answered at a time. */
export const LINKS_AT_ONCE_MAX_COUNT = 4;
/** A frame of `/parley/link/1`. */
export const LINK_FRAME_MAX_BYTES = 48 * 1024;
/** Small records that a linked device is given, all together. */
export const FOLLOWING_MAX_BYTES = 192 * 1024;
/** The key of one of them. */
export const FOLLOWING_KEY_MAX_BYTES = 512;
/** The value of one of them. */
export const FOLLOWING_VALUE_MAX_BYTES = 16 * 1024;

// --- hides (spec/hides.md)
/** People whose hides are followed in a room. */
export const FOLLOWED_MAX_COUNT = 64;
/** Identities of whom one person's hides count in a room: those said last. */
export const HIDES_PER_PERSON_MAX_COUNT = 4_096;
/** Messages that a preview of a rule looks at, newest first. */
export const PREVIEW_MESSAGES_MAX_COUNT = 10_000;

// --- people (spec/people.md)
/** Pictures of a short string, 6 bits each. */
export const SHORT_STRING_EMOJI_COUNT = 7;
/** A frame of `/parley/verify/1`. */
export const VERIFY_FRAME_MAX_BYTES = 256;
/** People who wait at a time for an answer to their wish to compare; more are turned away. */
export const VERIFY_WAITING_MAX_COUNT = 8;
/** Time a wish to compare waits for the other person. */
export const VERIFY_WAIT_MAX_MS = 180_000;

// --- rooms
/** A room's name in UTF-8, without the #. */
export const ROOM_NAME_MAX_BYTES = 64;
/** A network's name, in UTF-8. */
export const NETWORK_NAME_MAX_BYTES = 64;
/** Rooms one profile is in; each costs a topic, and a session with every peer. */
export const ROOMS_JOINED_MAX_COUNT = 500;

// --- ranks (spec/ranks.md), frozen
/** The topic of a room, in UTF-8. */
export const ROOM_TOPIC_MAX_BYTES = 512;
/** Why somebody was kicked or banned, in UTF-8. */
export const ROOM_REASON_MAX_BYTES = 512;
/** The value of a policy, in UTF-8. */
export const POLICY_VALUE_MAX_BYTES = 64;
/** People that one invite to a room lets in. */
export const ROOM_INVITE_USES_MAX_COUNT = 1_000;
/** How long an invite to a room is good when nothing is said. */
export const ROOM_INVITE_LIFETIME_MS = 7 * 86_400_000;
/** Control events of a room that wait, in memory, for what they have seen; beyond it the first to have come is forgotten. */
export const CONTROL_WAITING_MAX_COUNT = 1_024;
/** Content of these. */
export const CONTROL_WAITING_MAX_BYTES = 4 * 1024 * 1024;
/** Control events that a room does not keep, of which it is remembered. */
export const CONTROL_REFUSED_MAX_COUNT = 4_096;
/** Public rooms that a node tells a peer of. */
export const LISTED_ROOMS_MAX_COUNT = 200;
/** Of the topic of a room that is told of, in UTF-8. */
export const LISTED_TOPIC_MAX_BYTES = 128;
/** A peer is told of public rooms at most this often. */
export const LISTING_PERIOD_MS = 1_000;
/** How long an answer is waited for. */
export const LISTING_WAIT_MS = 3_000;

// --- private rooms (spec/private-rooms.md), frozen but for the times
/** Devices that one event of an epoch seals its secret to; more get a further event. */
export const EPOCH_WRAPS_MAX_COUNT = 512;
/** A frame of `/parley/removed/1`. */
export const REMOVED_FRAME_MAX_BYTES = 64 * 1024;
/** Events in it: a removal, and how its author came to the rank for it. */
export const REMOVED_EVENTS_MAX_COUNT = 16;
/** How long whoever is told has to hear it. */
export const REMOVED_TELL_MAX_MS = 5_000;
/** Epochs before it that one names. */
export const EPOCH_BACK_MAX_COUNT = 8;
/** Devices of a private room; more get no secret. */
export const PRIVATE_DEVICES_MAX_COUNT = 4_096;
/** Devices of one person in a private room: those that said so last. */
export const PRIVATE_DEVICES_PER_PERSON_MAX_COUNT = 16;
/** A sealed message is padded to at least this; what is longer, by an eighth at most. */
export const SEALED_BUCKET_MIN_BYTES = 256;
/** And the largest of them. */
export const SEALED_BUCKET_MAX_BYTES = 24 * 1024;
/** The topic of a private room, in UTF-8: sealed it has to fit where others are in clear. */
export const SEALED_TOPIC_MAX_BYTES = 240;
/** Messages after which another epoch is made. */
export const EPOCH_MESSAGES_MAX_COUNT = 1_000;
/** Age at which another epoch is made. */
export const EPOCH_LIFETIME_MS = 7 * 86_400_000;
/** Age at which a device takes another X25519 key. */
export const DEVICE_KEY_LIFETIME_MS = 14 * 86_400_000;
/** How long one that was replaced is kept, for what was sealed to it meanwhile. */
export const DEVICE_KEY_KEPT_MS = 30 * 86_400_000;
/** A frame of asking for keys. */
export const KEYS_FRAME_MAX_BYTES = 32 * 1024;
/** Secrets asked for at a time. */
export const KEYS_ASKED_MAX_COUNT = 256;
/** Time for one question and its answer. */
export const KEYS_TIMEOUT_MS = 20_000;
/** A peer that gave keys is asked again for more of the same room after this. */
export const KEYS_ASK_AGAIN_MS = 10_000;
/** One that gave nothing. */
export const KEYS_RETRY_MS = 2_000;
/** How often it is looked whether keys are to be forgotten. */
export const KEYS_FORGET_PERIOD_MS = 3_600_000;
/** How long somebody who has shown an invite has to come in by it. */
export const KEYS_ADMITTED_MS = 600_000;
/** Between an epoch with another key for traffic and the use of that key: others have to hear of it by the old one. */
export const OUTER_MOVE_DELAY_MS = 1_000;
/** How long is waited at least for somebody else to make an epoch that is due. */
export const REKEY_DELAY_MIN_MS = 2_000;
/** And up to so much longer, by chance. */
export const REKEY_DELAY_SPREAD_MS = 8_000;
/** Devices whose chains a removal cuts; devices beyond it keep nothing. */
export const CUT_DEVICES_MAX_COUNT = 256;

// --- the client's records
/** Addresses of peers kept for the next start. */
export const SAVED_PEERS_MAX_COUNT = 64;
/** Texts waiting unsigned. */
export const DRAFTS_MAX_COUNT = 10_000;
/** Messages in one answer. */
export const HISTORY_PAGE_MAX_COUNT = 1_000;
/** Own messages whose delivery is tracked one by one; older ones count as pending together. */
export const PENDING_TRACKED_MAX_COUNT = 1_000;
/** The value of one setting. */
export const SETTING_MAX_BYTES = 1_024;

// --- the command line (guide/command-line.md)
/** Messages of `send -` on their way to the disk at once. */
export const SENDS_AT_ONCE_MAX_COUNT = 256;
/** Messages that arrived and wait for whoever reads the output of `tail -f`. */
export const ARRIVALS_WAITING_MAX_COUNT = 100_000;
/** Messages asked for by `history` and `tail`. */
export const HISTORY_ASKED_MAX_COUNT = 10_000_000;

// --- files of rooms (spec/export.md)
/** Events read at a time for a file. */
export const EXPORT_PAGE_EVENTS_COUNT = 256;
/** A page of events for a file holds about this much, so that its answer fits a line of the socket. */
export const EXPORT_PAGE_TARGET_BYTES = 1024 * 1024;
/** One line of a file: an event in base64, and its text for readers. */
export const EXPORT_LINE_MAX_BYTES = 512 * 1024;
/** Lines imported at a time. */
export const IMPORT_PAGE_LINES_COUNT = 512;
/** Characters of them, about. */
export const IMPORT_PAGE_TARGET_CHARS = 1024 * 1024;
/** Lines that wait for an event that proves them; then the first of them is damaged. */
export const IMPORT_UNPROVEN_MAX_COUNT = 256;
/** Damaged lines named one by one; more are counted. */
export const IMPORT_DAMAGED_NAMED_MAX_COUNT = 100;

// --- how much of a room is kept (guide/command-line.md)
/** Days a room can keep: a hundred years. */
export const RETENTION_DAYS_MAX_COUNT = 36_500;
/** Messages a room can keep. */
export const RETENTION_MESSAGES_MAX_COUNT = 1_000_000_000;
/** Older events that are fetched at a time where less is kept. */
export const RETENTION_FETCH_COUNT = 10_000;
/** They stay for so long. */
export const RETENTION_FETCHED_MS = 86_400_000;
/** Events beyond the number that is kept before they are removed, and a catch-up that brings more is ended. */
export const RETENTION_SLACK_COUNT = 1_000;
/** Old events looked at in one step. */
export const PRUNE_STEP_EVENTS_COUNT = 512;
/** After a start, old messages are removed no sooner. */
export const RETENTION_FIRST_MS = 30_000;
/** What has grown old is removed this often. */
export const RETENTION_PERIOD_MS = 600_000;
/** The words of what was removed leave the search index this often. */
export const RETENTION_FORGET_MS = 86_400_000;

// --- statistics (guide/command-line.md)
/** People counted one by one in an answer; the others are counted together. */
export const STATISTICS_PEOPLE_MAX_COUNT = 1_000;

// --- pages and envelopes (spec/page.md, spec/envelope.md)
/** A page, the unit in which events travel; it is decoded in one piece, so it bounds memory. */
export const PAGE_MAX_BYTES = 1024 * 1024;
/** Events in one page. */
export const PAGE_EVENTS_MAX_COUNT = 1_024;
/** Devices in one page; no more than events. */
export const PAGE_AUTHORS_MAX_COUNT = 1_024;
/** A gossiped message; gossipsub itself refuses above 64 KiB. */
export const ENVELOPE_MAX_BYTES = 60 * 1024;
/** Events of one run that are gossiped together. */
export const ENVELOPE_EVENTS_MAX_COUNT = 256;
/** A gossiped run's newest event may be this old; older ones are ignored and left to reconciliation. */
export const GOSSIP_AGE_MAX_MS = 600_000;

// --- reconciliation (spec/sync.md)
/** One frame of reconciliation; pages of events are larger. */
export const SYNC_FRAME_MAX_BYTES = 64 * 1024;
/** Ranges in one frame; a sender near it closes with one fingerprint of the rest. */
export const SYNC_RANGES_MAX_COUNT = 2_048;
/** Rounds of a session without progress before it is given up. */
export const SYNC_IDLE_ROUNDS_MAX_COUNT = 24;
/** Sessions with one peer at the same time. */
export const SYNC_SESSIONS_PER_PEER_MAX_COUNT = 2;
/** A session that brings much keeps others of its room waiting for this long. */
export const SYNC_TURN_MAX_MS = 15_000;
/** Silence after which a session is given up. */
export const SYNC_IDLE_MAX_MS = 10_000;
/** More missing events than this are streamed in order rather than asked for by id. */
export const SYNC_STREAM_ABOVE_COUNT = 1_000;
/** Shortest time between two sessions with a peer that nothing else asked for. */
export const SYNC_PERIOD_MIN_MS = 30_000;
/** Longest time between two sessions with a peer, reached while nothing differs. */
export const SYNC_PERIOD_MAX_MS = 600_000;
/** What a session has brought is passed on after this, so that what comes at once is passed on at once. */
export const SYNC_SPREAD_WAIT_MS = 50;
/** Peers to which it is passed on by a session each. */
export const SYNC_SPREAD_COUNT = 6;
/** Ids in one frame that pulls or wants events. */
export const SYNC_IDS_MAX_COUNT = 1_500;
/** Ranges in one frame that pulls. */
export const SYNC_PULL_RANGES_MAX_COUNT = 512;
/** A range that differs and holds this many own events or fewer is pulled, with their ids as exceptions. */
export const SYNC_PULL_FEW_COUNT = 64;
/** The same while the peer is known to hold {@link SYNC_STREAM_ABOVE_COUNT} events more. */
export const SYNC_PULL_MANY_COUNT = 1_000;
/** Requests on their way in one session before the next round waits. */
export const SYNC_REQUESTS_MAX_COUNT = 8;
/** Requests of one session waiting to be answered. */
export const SYNC_ANSWERS_MAX_COUNT = 64;
/** Room tags in one frame, and kept of a peer for rooms joined later. */
export const SYNC_TAGS_MAX_COUNT = 1_024;
/** Tags are filled up to a multiple of this with random ones, so that strangers learn little of their number. */
export const SYNC_TAGS_MULTIPLE = 8;
/** Frames waiting to be sent to a peer, streamed pages not counted; a peer that asks and does not read is cut off. */
export const SYNC_OUTBOX_MAX_COUNT = 1_024;
/** Events of a streamed page. */
export const SYNC_PAGE_EVENTS_MAX_COUNT = 960;
/** Events of the first page of a stream; each next one may hold twice as many. */
export const SYNC_PAGE_EVENTS_FIRST_COUNT = 128;
/** Events read at a time for streamed pages: so many of the largest fit into memory with ease. */
export const SYNC_READ_EVENTS_COUNT = 512;
/** A streamed page holds about this much. */
export const SYNC_PAGE_TARGET_BYTES = 512 * 1024;
/** Bytes a peer is served at once. */
export const SYNC_SERVED_BURST_BYTES = 1024 * 1024 * 1024;
/** What a peer regains of them each second. */
export const SYNC_SERVED_BYTES_PER_SECOND = 4 * 1024 * 1024;
/** Wait after a session ended for lack of resources. */
export const SYNC_BUSY_WAIT_MS = 30_000;
/** Peers remembered for having broken a rule. */
export const SYNC_PENALTIES_MAX_COUNT = 1_024;
/** Time an accepted connection has to open its stream before this side does. */
export const SYNC_STREAM_WAIT_MS = 5_000;
/** Time a connected peer has to store an own event that was gossiped, before a session is opened for it. */
export const SYNC_TAIL_WAIT_MS = 2_000;
/** Shortest wait before a broken stream is opened again. */
export const SYNC_STREAM_RETRY_MS = 1_000;
/** Equal sessions after which one opens with random ranges. */
export const SYNC_RANDOM_OPENING_EVERY_COUNT = 10;
/** A predecessor that gossip names and does not bring in this time is asked for. */
export const GAP_WAIT_MS = 50;
/** Predecessors that wait for that, in one room. */
export const GAPS_WAITING_MAX_COUNT = 4_096;
/** Missing parents asked for by id at a time in one room; more call for a session. */
export const MISSING_PARENTS_MAX_COUNT = 64;
/** Peers asked for a missing parent, the source included. */
export const MISSING_PARENTS_PEERS_MAX_COUNT = 3;
/** Ids of recent events kept in memory, over all rooms, to know parents without a read. */
export const RECENT_IDS_MAX_COUNT = 16_384;
/** Certificates kept in memory. */
export const CERTIFICATES_CACHED_MAX_COUNT = 4_096;

// --- gossip (spec/gossip.md)
/** Own certificate travels with a publish when the device has not published in the room for this long. */
export const GOSSIP_CERTIFICATE_AFTER_MS = 120_000;
/** Own events that come this soon after a message share the next one. */
export const GOSSIP_GATHER_MS = 8;
/** In a burst they gather for as long as more come, and at most this long. */
export const GOSSIP_GATHER_MAX_MS = 64;
/** So many own events that wait are a burst. */
export const GOSSIP_BURST_COUNT = 4;
/** Own events that wait to be gossiped; beyond it only the newest is, and peers pull the rest. */
export const GOSSIP_WAITING_MAX_BYTES = 1024 * 1024;
/** Hashes of refused and recent messages kept, over all rooms. */
export const GOSSIP_SEEN_MAX_COUNT = 16_384;
/** Messages kept in a room until a certificate arrives. */
export const GOSSIP_POOL_MAX_COUNT = 256;
/** Events of one device forwarded at once. */
export const GOSSIP_AUTHOR_BURST_COUNT = 65_536;
/** What a device regains of them each second. */
export const GOSSIP_AUTHOR_EVENTS_PER_SECOND = 1_024;
/** Authors whose rate is remembered. */
export const GOSSIP_AUTHORS_MAX_COUNT = 4_096;
/** Events waiting to be stored; more are left to reconciliation. */
export const INTAKE_MAX_COUNT = 16_384;
/** Acknowledgements of stored events are collected for this long. */
export const ACK_PERIOD_MS = 100;
/** Devices in one acknowledgement. */
export const ACK_ENTRIES_MAX_COUNT = 512;

// --- local memory
/** Events in a leaf of the fingerprint trie before it splits. */
export const TRIE_LEAF_MAX_COUNT = 64;
/** Depth of the fingerprint trie, in half-bytes of its key. */
export const TRIE_DEPTH_MAX_NIBBLES = 24;
/** Nodes of the fingerprint trie that have children and are kept in memory, per room. */
export const TRIE_NODES_CACHED_MAX_COUNT = 2_048;
/** Heads of a room, and ids it misses, kept in memory; more are looked up. */
export const DEFERRED_SET_MAX_COUNT = 1_024;
/**
 * Parts of a chain behind gaps that its record knows; more are looked up. The control events of a private room come before its
 * messages, and with every thousand messages there is one.
 */
export const ISLANDS_MAX_COUNT = 256;
/** Counts of an author's day kept in memory, per room. */
export const DAY_COUNTS_CACHED_MAX_COUNT = 4_096;

// --- the store (spec/store.md)
/** LevelDB's write buffer. */
export const STORE_WRITE_BUFFER_BYTES = 16 * 1024 * 1024;
/** LevelDB's cache of blocks. */
export const STORE_BLOCK_CACHE_BYTES = 8 * 1024 * 1024;
/** Bytes of records that are read in one go, on a thread of the database; each further go costs as much as some hundred records. */
export const STORE_READ_TARGET_BYTES = 512 * 1024;
/** A block of the database that is looked for in a damaged file; larger ones are not found. */
export const SALVAGE_BLOCK_MAX_BYTES = 128 * 1024;
/** Events written in one batch at most. */
export const STORE_BATCH_MAX_COUNT = 2_048;
/** Events of a room after which what they all change is written; so many are read again after a crash. */
export const CHECKPOINT_EVENTS_MAX_COUNT = 512;
/** Events of one seq that the index names; more are kept and not named. */
export const EQUIVOCATIONS_INDEXED_MAX_COUNT = 8;
/** Events over the quota that are kept aside, per room. */
export const POOL_MAX_COUNT = 10_000;

// --- search (spec/search.md)
/** A term of the index, in UTF-16 units; of a longer word the beginning counts. */
export const SEARCH_TERM_MAX_CHARACTERS = 12;
/** Words of one search; a run of Chinese or Japanese counts as one. */
export const SEARCH_WORDS_MAX_COUNT = 16;
/** Texts that wait to be indexed and are read one by one by a search; more are indexed first. */
export const SEARCH_WAITING_MAX_COUNT = 1_024;
/** Texts indexed together into a new segment. */
export const SEARCH_FOLD_MAX_COUNT = 8_192;
/** Removed texts whose words are taken out of the search index in one go: each rewrites the segments they are in. */
export const SEARCH_FORGET_MAX_COUNT = 131_072;
/** Segments of one size that are merged into one. */
export const SEARCH_MERGE_COUNT = 8;
/** Texts of one segment; two that would be more are not merged. */
export const SEARCH_SEGMENT_MAX_COUNT = 1_048_576;
/** Newest hits among which the best are chosen. */
export const SEARCH_RANKED_MAX_COUNT = 200;
/** Time without a message stored or served before texts that arrived are indexed. */
export const SEARCH_QUIET_MS = 2_500;

// --- the network (spec/network.md)
/** One frame of a stream: a page and its head. */
export const FRAME_MAX_BYTES = PAGE_MAX_BYTES + 1024;
/** A stream that does not close in this time is cut. */
export const STREAM_CLOSE_MAX_MS = 2_000;
/** A multiaddr from outside. */
export const ADDRESS_MAX_BYTES = 512;
/** Addresses kept of one peer. */
export const ADDRESSES_PER_PEER_MAX_COUNT = 8;
/** Peers dialled again and again. */
export const KNOWN_PEERS_MAX_COUNT = 256;
/** Addresses told in one answer about peers of peers. */
export const EXCHANGED_ADDRESSES_MAX_COUNT = 16;
/** Connected peers beyond which only those that a person has named are dialled. */
export const CONNECTIONS_ENOUGH_COUNT = 12;
/** Connections at a time. */
export const CONNECTIONS_MAX_COUNT = 256;
/** Connections that are being set up, from outside. */
export const CONNECTIONS_PENDING_MAX_COUNT = 64;
/** A dial or a request that takes longer has failed. */
export const DIAL_TIMEOUT_MS = 10_000;
/** First wait before a peer is dialled again. */
export const DIAL_BACKOFF_MIN_MS = 2_500;
/** Longest wait before a peer is dialled again. */
export const DIAL_BACKOFF_MAX_MS = 300_000;
/** A peer that a person has named is dialled at least so often for a while after it was lost: relays are started anew. */
export const DIAL_LOST_BACKOFF_MAX_MS = 4_000;
/** How long that while is. */
export const DIAL_LOST_MS = 600_000;
/** What may wait in a gossip stream before the next publish. */
export const GOSSIP_BUFFER_MAX_BYTES = 64 * 1024;
/** One address of a peer is tried for this long before the next. */
export const DIAL_ADDRESS_TIMEOUT_MS = 3_000;
/** A publish waits this long for a peer that takes nothing, then no longer until it does. */
export const GOSSIP_DRAIN_MAX_MS = 1_000;
/** What may wait in a gossip stream at all: a peer that does not take it gets no further messages. */
export const GOSSIP_STREAM_MAX_BYTES = 1024 * 1024;
/** What may be under way in a stream before the reader has taken it. */
export const STREAM_WINDOW_MAX_BYTES = 1024 * 1024;
/** What a reader takes from a stream before it is asked for. */
export const STREAM_READ_AHEAD_MAX_BYTES = 256 * 1024;

/** Pings under way on one connection. */
export const PING_STREAMS_MAX_COUNT = 8;
/** How often a connected peer is asked whether it is still there. */
export const PING_PERIOD_MS = 15_000;

// --- relays (spec/reach.md)
/** Peers one relay keeps a place for. */
export const RELAY_RESERVATIONS_MAX_COUNT = 512;
/** How long a relay keeps a place that is not asked for again. */
export const RELAY_RESERVATION_TTL_MS = 3_600_000;
/** A circuit is cut after this; both sides dial again. */
export const RELAY_CIRCUIT_MAX_MS = 3_600_000;
/** A circuit is cut after this much in both directions. */
export const RELAY_CIRCUIT_MAX_BYTES = 1024 * 1024 * 1024;
/** Circuits one relay carries at a time. */
export const RELAY_CIRCUITS_MAX_COUNT = 1_024;
/** Circuits one peer may begin, and one peer may be reached by, at one relay. */
export const RELAY_CIRCUITS_PER_PEER_MAX_COUNT = 64;
/** Relays that keep a place for one node. */
export const RELAYS_USED_MAX_COUNT = 3;
/** Connections of a relay or bootstrap node at a time. */
export const SERVING_CONNECTIONS_MAX_COUNT = 2_048;

/** A network in which this many peers are known has grown past what peers of peers serve: the table of rooms is loaded. */
export const DHT_PEERS_MIN_COUNT = 96;
/** Peers of one room taken from the table at a time. */
export const DHT_PROVIDERS_MAX_COUNT = 20;
/** How often a node says in the table which rooms it is in, and looks for others. */
export const DHT_PERIOD_MS = 600_000;
/** How often peers are asked to dial an own address that nobody has vouched for. */
export const NAT_ASK_PERIOD_MS = 10_000;
/** How long somebody's word for an address counts before peers are asked again; less where it has not held for long. */
export const NAT_VOUCHED_MAX_MS = 30_000;
/** Peers asked about one address at a time. */
export const NAT_ASKED_MAX_COUNT = 4;
/** Times in a row that the only peer who can tell must have failed to dial an address before it is believed. */
export const NAT_REFUSALS_ALONE_COUNT = 6;
/** A node that was dialled from outside takes itself for one that can be for this long after the last such connection ended. */
export const NAT_DIALLED_MAX_MS = 600_000;
/** The router is asked for a port again where one was lost, at most this often. */
export const NAT_ROUTER_PERIOD_MS = 300_000;
/** Who says that it has dialled this node must have been seen to come by then. */
export const DIAL_BACK_SEEN_MAX_MS = 2_000;
/** An attempt to reach a relayed peer directly ends after this. */
export const HOLE_PUNCH_MAX_MS = 10_000;
/** A direct way on which no ping has come back in this time is none. */
export const PING_PROOF_MAX_MS = 4_000;

// --- private networks (spec/private-networks.md, spec/ticket.md)
/** Private networks one profile is in; each is a node of its own. */
export const NETWORKS_MAX_COUNT = 16;
/** Private networks that were left here and do not come back from another device; the one left longest ago is forgotten. */
export const NETWORKS_LEFT_MAX_COUNT = 64;
/** A ticket, decoded. */
export const TICKET_MAX_BYTES = 1_536;
/** Addresses in a ticket. */
export const TICKET_ADDRESSES_MAX_COUNT = 4;
/** People one ticket can let in. */
export const TICKET_USES_MAX_COUNT = 1_000;
/** How long a ticket can be good. */
export const TICKET_LIFETIME_MAX_MS = 366 * 24 * 3_600_000;
/** Secrets of one network that are good at the same time. */
export const NETWORK_SECRETS_MAX_COUNT = 4;
/** How long an old secret can stay good beside the new one. */
export const NETWORK_OVERLAP_MAX_MS = 30 * 24 * 3_600_000;
/** Records of a network that are read; far more than its members make. */
export const NETWORK_RECORDS_MAX_COUNT = 50_000;
/** Devices a record of a rotation is sealed to; more devices make more records. */
export const ROTATION_DEVICES_MAX_COUNT = 200;
/** People one rotation can remove. */
export const ROTATION_REMOVED_MAX_COUNT = 64;
/** Connections from outside that have not proven the secret of the network; more are refused. */
export const UNPROVEN_MAX_COUNT = 32;
/** Time one of them has for that, or for joining; then it is closed. */
export const UNPROVEN_MAX_MS = 30_000;
/** Events that show a member who comes back that a secret is the network's. */
export const EVIDENCE_EVENTS_MAX_COUNT = 32;
/** All of them together. */
export const EVIDENCE_MAX_BYTES = 56 * 1024;
/** A frame of `/parley/net/1` and `/parley/join/1`. */
export const JOIN_FRAME_MAX_BYTES = 64 * 1024;
/** Answers to people who want to join that are under way at a time. */
export const JOINS_AT_ONCE_MAX_COUNT = 8;
/** Requests to be let into a network that are kept until somebody answers. */
export const JOIN_REQUESTS_MAX_COUNT = 16;
/** Time one exchange of `/parley/net/1` or `/parley/join/1` may take. */
export const JOIN_TIMEOUT_MS = 20_000;

// --- the key file (spec/keystore.md)
/** Least memory of Argon2id that is accepted in a key file. */
export const ARGON2_MEMORY_MIN_KIB = 19 * 1024;
/** Most memory of Argon2id that a key file may ask for. */
export const ARGON2_MEMORY_MAX_KIB = 1024 * 1024;
/** Fewest passes of Argon2id that are accepted in a key file. */
export const ARGON2_PASSES_MIN_COUNT = 2;
/** Most passes of Argon2id that a key file may ask for. */
export const ARGON2_PASSES_MAX_COUNT = 32;

// --- the socket (spec/socket.md)
/** One line of the socket's protocol. */
export const SOCKET_LINE_MAX_BYTES = 4 * 1024 * 1024;
/** Clients of one node at a time. */
export const SOCKET_CLIENTS_MAX_COUNT = 64;
/** Requests of one client that may be under way. */
export const SOCKET_REQUESTS_MAX_COUNT = 1_024;
/** What may wait for a client that does not read; then it is cut off. */
export const SOCKET_BUFFER_MAX_BYTES = 32 * 1024 * 1024;
