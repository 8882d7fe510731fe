/**
 * What the core asks of the outside. Adapters live in src/storage, src/network, src/node and
 * src/browser; the simulator has its own. Nothing in core reads a clock, a random source or a timer
 * in any other way.
 */
import type {
  Bound,
  Chain,
  LogEvent,
  Position,
  Proof,
  Range,
  RangeSum,
  StoredEvent,
} from "./log/types.ts";

// ---------------------------------------------------------------- small ports

export interface Clock {
  /** Wall clock, ms since the Unix epoch. May jump in both directions. */
  nowMs(): number;
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
}

export interface Timers {
  /** Calls `callback` once, about `delayMs` from now, for 0 in the next turn of the event loop; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

// ---------------------------------------------------------------- store

/** An event offered to the store. The caller has established that it is authentic. */
export interface IncomingEvent {
  readonly event: LogEvent;
  readonly proof: Proof;
  /** Whether it adds to the room's `arrived` counter (a text of somebody else). */
  readonly counts: boolean;
  /** Whether it is kept in the side pool: the ranks of an owned room hide it. */
  readonly aside?: boolean;
}

/**
 * - `new`: stored now and part of the set.
 * - `known`: was there; a better proof replaces the stored signature.
 * - `equivocation`: stored now, and another event holds its (chain, seq): the chain is flagged.
 * - `over-quota`: kept in the bounded side pool, not part of the set; also what was offered as `aside`.
 */
export type AppendOutcome = "new" | "known" | "equivocation" | "over-quota";

export interface AppendOptions {
  /** Resolve only when the batch is synced to disk (own events). Default: handed to the OS. */
  readonly sync?: boolean;
  /** Written in the same atomic batch. */
  readonly meta?: readonly MetaChange[];
  /**
   * Called when it is decided what becomes of each event, and the batch is on its way to the disk: whoever reads from then on
   * finds them. It may still fail.
   */
  readonly staged?: (outcomes: readonly AppendOutcome[]) => void;
}

/** Sets `key` to `value`, or deletes it when `value` is null. */
export interface MetaChange {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface ReadOptions {
  /** Inclusive; default: the beginning. */
  readonly lower?: Bound;
  /** Exclusive; default: the end. */
  readonly upper?: Bound;
  /** Newest first. */
  readonly reverse?: boolean;
  readonly limit: number;
}

export interface PruneOptions {
  /** Where the step before ended. */
  readonly from?: Bound;
  /** Moment: nothing from there on is looked at. Default, and at most: the floor. */
  readonly below?: number;
  /** Events looked at. */
  readonly limit: number;
  /** Whether an event has to stay. */
  readonly keep: (event: LogEvent) => boolean;
}

export interface PruneStep {
  readonly removed: number;
  /** Looked at, and still there. */
  readonly kept: number;
  /** Where the next step begins; absent when there is none. */
  readonly next?: Bound;
}

/**
 * The events of one room in the order (moment, id), with every index kept in the event's own atomic
 * batch. Calls may overlap: appends are queued and answered in order; a read sees every append that
 * had resolved when it began.
 */
export interface RoomLog {
  /** 32 bytes. */
  readonly roomId: Uint8Array;
  /** Events in the set. */
  count(): number;
  /** Total of appended events that had `counts`; never falls. */
  arrived(): number;
  /** Stores events, in any order, all of a call in as few atomic batches as memory allows; outcome i belongs to event i. */
  append(events: readonly IncomingEvent[], options?: AppendOptions): Promise<AppendOutcome[]>;
  /** How many of the next events of a device, from the first on, the quota takes: asked before they are signed. */
  fitting(
    root: Uint8Array,
    device: Uint8Array,
    events: readonly { readonly moment: number }[],
  ): number;
  /** Which ids are stored (also in the side pool). */
  has(ids: readonly Uint8Array[]): Promise<boolean[]>;
  /** The stored events of these ids, `undefined` where there is none. */
  find(ids: readonly Uint8Array[]): Promise<(StoredEvent | undefined)[]>;
  /** Ids that begin with `prefix` (at least 4 bytes), at most `limit`. */
  findPrefix(prefix: Uint8Array, limit: number): Promise<Uint8Array[]>;
  read(options: ReadOptions): Promise<StoredEvent[]>;
  /** Positions only, cheaper than `read`. */
  positions(options: ReadOptions): Promise<Position[]>;
  /** Count and sum of ids in a range, from the fingerprint trie: cost grows with its depth, not the range. */
  sum(range: Range): Promise<RangeSum>;
  /** Number of events below `bound`. */
  rank(bound: Bound): Promise<number>;
  /** The event position with exactly `rank` events below it. `undefined` when rank ≥ count. */
  select(rank: number): Promise<Position | undefined>;
  /** A cut near a rank, below which the sum is known without a look at events; `undefined` where there is none. */
  nearCut(rank: number): Promise<Bound | undefined>;
  /** Events that no stored event names as prev or parent, sorted by position, newest last; at most `limit` newest. */
  heads(limit: number): Promise<Position[]>;
  chain(root: Uint8Array, device: Uint8Array): Promise<Chain | undefined>;
  chains(): Promise<Chain[]>;
  /** The events of a chain with this seq: none, one, or the equivocating ones. */
  at(root: Uint8Array, device: Uint8Array, seq: number): Promise<StoredEvent[]>;
  /** The newest event of `kind` by each root (hex root → event). Kept for KIND_NAME only. */
  latest(kind: number): Promise<Map<string, StoredEvent>>;
  /** Every control event, in the order of the room. */
  control(): Promise<StoredEvent[]>;
  /** Every event that revokes a device or hides somebody, in the order of the room. */
  statements(): Promise<StoredEvent[]>;
  /** The events in the side pool. */
  aside(): Promise<StoredEvent[]>;
  /** Moves events out of the set into the side pool. */
  setAside(ids: readonly Uint8Array[]): Promise<void>;
  /** Offers events of the side pool to the set again; outcome i belongs to position i, `undefined` where it is not there. */
  takeBack(positions: readonly Position[]): Promise<(AppendOutcome | undefined)[]>;
  /** Moment below which nothing is claimed to be complete; 0 when everything was fetched. Stored. */
  floor(): number;
  /**
   * Says from where on everything is here; synced.
   * @param fetched whether just now a peer gave everything above it: chains that begin there then count as free of gaps from
   * their first event on, for what lies below is not claimed
   */
  setFloor(moment: number, fetched?: boolean): Promise<void>;
  /**
   * Takes events below the floor out of the store, a step at a time. Kept are newest events of chains, heads, the names
   * shown, two events of one seq, and what `keep` says.
   */
  prune(options: PruneOptions): Promise<PruneStep>;
}

/** What is looked for in the texts of rooms: docs/spec/search.md. */
export interface SearchRequest {
  /** As the person typed it. Every word must be in the text; the last may be the beginning of one. */
  readonly words: string;
  /** Ids of the rooms to look in. */
  readonly rooms: readonly Uint8Array[];
  /** Texts of this identity only. */
  readonly root?: Uint8Array;
  /** Inclusive. */
  readonly lower?: Bound;
  /** Exclusive; of the page before its last hit, to go on behind it. */
  readonly upper?: Bound;
  /** At least 1. */
  readonly limit: number;
}

export interface SearchHit {
  readonly roomId: Uint8Array;
  readonly event: StoredEvent;
}

export interface SearchPage {
  /** Newest first. */
  readonly hits: readonly SearchHit[];
  readonly more: boolean;
  /** Of the index as far as it was looked through: its texts, and about how many of them have each part of the query. */
  readonly among: { readonly texts: number; readonly having: readonly number[] };
}

/** The full text of every room's texts. A text is found from the moment its `append` has resolved. */
export interface SearchIndex {
  /** @throws ParleyError `search-empty`, `search-too-long` */
  search(request: SearchRequest): Promise<SearchPage>;
  /** Texts stored that are not in the index yet, counted up to about `most`: a search reads them one by one. */
  waiting(most?: number): Promise<number>;
  /**
   * Does a little of the work that keeps searches fast, a few milliseconds of it. Returns whether more is to be done.
   * @param all index also what is too little to be worth it yet, and forget
   */
  step(all?: boolean): Promise<boolean>;
  /** Lets the next steps take the words of texts that were removed out of the index. */
  forget(): void;
  /**
   * Has what a private room says read through a log that opens it, from now on.
   * @param keys how many it opens with: where it is another number than the last time, or none is given, what could not be opened is tried anew
   */
  follow(log: RoomLog, keys?: number): Promise<void>;
  /** Takes out of the index what a followed log can open no more when `forgetKeys` has deleted some of its keys. */
  lose(log: RoomLog, forgetKeys: () => Promise<void>): Promise<void>;
  /** Takes a room that was followed out of the index; to follow it again brings it back. */
  leave(log: RoomLog): Promise<void>;
}

/** What of a store's upkeep is under way: events are read, texts indexed or compared, or the index is merged into few segments. */
export type StoreTask = "events" | "texts" | "segments";
export type StoreProgress = (done: number, total: number, task: StoreTask) => void;

/** What a check of a store found, in sentences; empty `problems` means sound. */
export interface StoreReport {
  readonly rooms: number;
  readonly events: number;
  readonly problems: readonly string[];
}

/** One profile's store. Every failure is a ParleyError: `store-locked`, `store-newer`, `store-damaged`, `disk-full`, `store-failed`, `store-closed`. */
export interface Store {
  /** Ids of the rooms that have a log. */
  rooms(): Promise<Uint8Array[]>;
  /** The log of a room, made when missing. The same object for the same id. */
  room(roomId: Uint8Array): Promise<RoomLog>;
  /** Small records under text keys, such as settings, saved peers and the outbox. */
  getMeta(key: string): Promise<Uint8Array | undefined>;
  /** Entries whose key begins with `prefix`, sorted by key. */
  listMeta(prefix: string): Promise<{ key: string; value: Uint8Array }[]>;
  /** One atomic, synced batch. */
  writeMeta(changes: readonly MetaChange[]): Promise<void>;
  /** Certificate bytes of (root, device); the highest serial put so far. */
  certificate(root: Uint8Array, device: Uint8Array): Promise<Uint8Array | undefined>;
  putCertificate(
    root: Uint8Array,
    device: Uint8Array,
    serial: number,
    wire: Uint8Array,
  ): Promise<void>;
  readonly index: SearchIndex;
  /** Compares every index with the events. */
  check(progress?: StoreProgress): Promise<StoreReport>;
  /** Rebuilds every index from the events. */
  rebuild(progress?: StoreProgress): Promise<StoreReport>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- transport

/** `machine`: loopback · `lan`: a private or link-local address · `direct`: a public one · `relayed`: through a relay. */
export type How = "machine" | "lan" | "direct" | "relayed";

/** A connected peer. */
export interface Peer {
  readonly peerId: string;
  /** Its Ed25519 key, proven by Noise; 32 bytes. */
  readonly device: Uint8Array;
  /** Multiaddr of the connection, without /p2p. */
  readonly address: string;
  readonly how: How;
  readonly direction: "inbound" | "outbound";
  /** Last measured round trip, or undefined before the first ping. */
  readonly latencyMs: number | undefined;
}

/** `accept`: deliver and forward · `ignore`: drop silently · `reject`: drop and lower the sender's score. */
export type Verdict = "accept" | "ignore" | "reject";

/** Called for each message not seen before, cheapest checks first. `from` is the peer that handed it over. */
export type TopicValidator = (data: Uint8Array, from: string) => Verdict | Promise<Verdict>;

/** A duplex of whole frames over one libp2p stream. Frames arrive as sent, in order, at most SYNC_FRAME or PAGE bytes. */
export interface FrameStream {
  readonly peerId: string;
  readonly device: Uint8Array;
  /** Resolves when the frame may be followed by another (back-pressure). Rejects when the stream is gone. */
  send(frame: Uint8Array): Promise<void>;
  /** Frames in order, each in memory of its own; ends when the other side closed; throws ParleyError `stream-lost` when it was cut. */
  frames(): AsyncIterable<Uint8Array>;
  /** Says goodbye and frees it. Never rejects. */
  close(): Promise<void>;
  /** Cuts it at once. */
  abort(reason: string): void;
}

export interface TransportEvents {
  connected(peer: Peer): void;
  disconnected(peer: Peer): void;
  /** Who is subscribed to `topic` has changed. */
  subscribers(topic: string): void;
  /** A stream opened by the other side. */
  stream(stream: FrameStream): void;
  /** Own listen addresses have changed. */
  addresses(): void;
  /** Something a person should know, such as `port-taken`; commands in braces (src/app/words.ts). */
  notice(notice: TransportNotice): void;
  /** What a notice has said holds no longer. */
  resolved?(code: string): void;
}

/** A sentence about the network, with a stable code and the mend. */
export interface TransportNotice {
  readonly level: "info" | "warn" | "error";
  readonly code: string;
  readonly text: string;
  readonly hint?: string;
}

/** How a node is reached beyond plain dialling. */
export interface ReachInfo {
  /** `public`: dialled from the internet, or an address for it is announced · `relayed`: through relays that keep a place · `private`: neither. */
  readonly kind: "public" | "relayed" | "private";
  /** Relays that keep a place for it. */
  readonly relays: readonly {
    readonly peerId: string;
    readonly address: string;
    readonly expiresMs: number;
  }[];
  /** What it carries as a relay; null where it is none. */
  readonly serves: {
    readonly places: number;
    readonly placesMax: number;
    readonly circuits: number;
  } | null;
  /** Why no way through routers is dug here, where the machine lacks what it takes. */
  readonly noHolePunching?: string;
  /** Peers that are known and do not answer: how many, and an address of each that a person has named, such as a relay. */
  readonly unanswered?: { readonly count: number; readonly named: readonly string[] };
}

/** One libp2p node, or the simulator's. */
export interface Transport {
  readonly peerId: string;
  /** Listens and begins to dial. `listener` methods are called until `stop` resolves. */
  start(listener: TransportEvents): Promise<void>;
  stop(): Promise<void>;
  /** Listen addresses with /p2p, best first. */
  addresses(): string[];
  peers(): Peer[];
  /** Absent where there is nothing but plain dialling. */
  reach?(): ReachInfo;
  /**
   * Dials a multiaddr (with or without /p2p) and keeps the peer among those dialled for ever.
   * @throws ParleyError `bad-address`, `unreachable`, `wrong-peer`, `self-dial`
   */
  connect(address: string, options?: { signal?: AbortSignalLike }): Promise<Peer>;
  /** Joins a topic; `validator` decides what is delivered: an accepted message has been processed by it. */
  join(topic: string, validator: TopicValidator): void;
  leave(topic: string): void;
  /** Publishes to a joined topic; `recipients` are the peers it was handed to. Resolves when the next may follow. */
  publish(topic: string, data: Uint8Array): Promise<{ recipients: number }>;
  /** Connected peers known to have joined `topic`. */
  subscribers(topic: string): string[];
  /** To how many of them messages are handed directly. */
  mesh?(topic: string): number;
  /** Opens a stream to a connected peer; without a `protocol` one of `/parley/sync/1`. @throws ParleyError `stream-lost` */
  open(peerId: string, protocol?: string): Promise<FrameStream>;
  /** Answers streams of another protocol; null: not any more. Resolves once it is so where the transport runs. */
  serve?(protocol: string, answer: ((stream: FrameStream) => void) | null): Promise<void>;
  /** Lets go of a peer, and of it alone refuses and dials nothing until it is wanted again. */
  shun?(peerId: string, on: boolean): void;
}

/** The part of the platform's AbortSignal that core may name without DOM types. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
