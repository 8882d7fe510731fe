/**
 * What a client of parley may ask: the terminal client, each command and a web page speak only this,
 * in the same process or over the socket (docs/spec/socket.md). Every value survives JSON. Fields may be
 * added and readers ignore unknown ones; a change or removal needs a new API_VERSION.
 *
 * Every method may reject with a ParleyError; `code` is listed in docs/errors.md.
 */
import type { ReachInfo } from "../core/interfaces.ts";
import type { NetworksApi } from "./networks/api.ts";
import type { HidesApi } from "./hides-api.ts";
import type { DevicesApi } from "./devices-api.ts";
import type { DirectApi } from "./direct-api.ts";
import type { OwnedApi, RankName, RoomLogEntry } from "./owned-api.ts";
import type { PeopleApi, PersonInfo } from "./people-api.ts";
import type { SearchApi } from "./search-api.ts";
import type { OlderMessages, RetentionApi } from "./retention-api.ts";
import type { StatsApi } from "./stats-api.ts";
import type { TransferApi } from "./transfer-api.ts";

export const API_VERSION = 1;

export type MessageState = "pending" | "sent" | "held";

/** One event as a person sees it. */
export interface Message {
  /** Event id, 64 hex digits. Of an unsigned outbox entry: "outbox-N". */
  readonly id: string;
  /** Canonical name, "#lobby". */
  readonly room: string;
  readonly roomId: string;
  /** Identity (root) key, hex. */
  readonly author: string;
  /** Device key, hex. */
  readonly device: string;
  /** What this person sees: the self-claimed name, cleaned; the fingerprint where there is none. */
  readonly name: string;
  /** "4F2K-9QXT". */
  readonly fingerprint: string;
  /** RFC 3339, UTC, milliseconds, "Z". */
  readonly time: string;
  readonly moment: number;
  readonly kind: "text" | "action" | "name";
  /** Cleaned of control, escape and bidi characters; may hold "\n". For `name`: the new name. */
  readonly text: string;
  readonly mine: boolean;
  /** Own messages only. */
  readonly state?: MessageState;
  /** Other identities known to hold it; own messages only. */
  readonly heldBy?: number;
  /** Arrived after something that sorts behind it was already shown. */
  readonly late?: boolean;
  readonly ignored?: boolean;
  /** Another identity in the room has a look-alike name. */
  readonly confusable?: boolean;
  /** This person has verified the author. */
  readonly verified?: boolean;
  /** The author's device signed two histories. */
  readonly equivocated?: boolean;
  /** Mentions this person by name. */
  readonly mention?: boolean;
  /** The author's clock runs ahead of ours by more than a minute. */
  readonly clock?: "ahead";
}

export interface IdentityInfo {
  readonly name: string;
  readonly fingerprint: string;
  readonly author: string;
  readonly device: string;
  readonly peerId: string;
  readonly profile: string;
  readonly network: string;
}

export interface RoomInfo {
  readonly room: string;
  readonly roomId: string;
  /** Own identity and others that have written or are here. */
  readonly members: number;
  /** Connected peers that have joined the room now. */
  readonly here: number;
  readonly unread: number;
  readonly mentions: number;
  /** Own messages nobody else is known to hold. */
  readonly pending: number;
  readonly messages: number;
  /** RFC 3339: from then on everything is here; null: no limit is known. */
  readonly floor: string | null;
  /** What became of messages older than that. */
  readonly older: OlderMessages;
  /** Of a room that has an owner: what it is about, and the own rank there (null: not in it). */
  readonly topic?: string;
  readonly rank?: RankName | null;
  /** Of a private room: what newcomers may read of what was said before; `since-join` as long as its founding is not here. */
  readonly private?: "all" | "since-join";
  /** Of a conversation of two: the other one. */
  readonly with?: { readonly author: string; readonly name: string; readonly fingerprint: string };
  readonly last?: Message;
}

export interface LeftRoom {
  readonly room: string;
  /** Of a room that has an owner: whether somebody there has heard of it. */
  readonly told?: boolean;
}

export interface MemberInfo {
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly me: boolean;
  /** Connected and subscribed to the room. */
  readonly here: boolean;
  readonly messages: number;
  /** RFC 3339 of the newest message, absent where none is stored. */
  readonly lastTime?: string;
  readonly ignored: boolean;
  readonly verified: boolean;
  readonly confusable: boolean;
  readonly equivocated: boolean;
  /** Of a room that has an owner; null: not in it (any more). */
  readonly rank?: RankName | null;
  /** Silenced until then (RFC 3339), or null: until somebody lifts it. Absent when not. */
  readonly mutedUntil?: string | null;
  readonly banned?: boolean;
}

export interface PeerInfo {
  readonly peerId: string;
  /** Empty while its certificate is not known. */
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly how: "machine" | "lan" | "direct" | "relayed";
  readonly address: string;
  readonly latencyMs: number | null;
  readonly direction: "inbound" | "outbound";
  /** Canonical names of shared rooms. */
  readonly rooms: readonly string[];
}

export interface AddressInfo {
  /** Multiaddr with /p2p. */
  readonly address: string;
  readonly reach: "machine" | "lan" | "internet";
}

/** How much of a room's history has come, of about how many events that one peer has more. */
export interface CatchUp {
  readonly room: string;
  readonly done: number;
  readonly total: number;
}

export interface StatusInfo extends IdentityInfo {
  readonly addresses: readonly string[];
  readonly peers: readonly PeerInfo[];
  readonly rooms: readonly RoomInfo[];
  /** "off": opened without the network · "starting" · "on" · "failed": could not start, see notices. */
  readonly networkState: "off" | "starting" | "on" | "failed";
  readonly clock: { readonly offsetMs: number | null; readonly peers: number };
  /** How this node is reached; null while the network is off. */
  readonly reach: ReachInfo | null;
  /** Histories that are on their way here. */
  readonly catchUps: readonly CatchUp[];
  /** Notices that still hold, newest last. */
  readonly notices: readonly Notice[];
  readonly pid: number;
  readonly uptimeMs: number;
  readonly localOnly: boolean;
  readonly version: string;
}

/**
 * A sentence for the person, with the mend. `code` is stable. Commands in it stand in braces, because only
 * the client knows how they are typed there; `wordCommands` (words.ts) puts them into the form that works.
 */
export interface Notice {
  readonly level: "info" | "warn" | "error";
  readonly code: string;
  readonly text: string;
  readonly hint?: string;
  readonly room?: string;
}

export interface SendResult {
  readonly id: string;
  readonly room: string;
  readonly time: string;
  readonly state: MessageState;
  readonly heldBy: number;
}

export interface HistoryOptions {
  readonly room: string;
  /** At most this many, 1 to 1,000; default 100. */
  readonly limit?: number;
  /** Cursor (`cursorOf`): only what sorts before it, newest kept. */
  readonly before?: string;
  /** Cursor: only what sorts after it, oldest kept. */
  readonly after?: string;
  /** RFC 3339, inclusive. */
  readonly since?: string;
  /** RFC 3339, exclusive. */
  readonly until?: string;
  /** Author key, prefix of ≥ 8 hex digits, or a name. */
  readonly from?: string;
  /** Name events too; default false. */
  readonly names?: boolean;
}

export interface HistoryPage {
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** More lies beyond, in the direction asked. */
  readonly more: boolean;
}

/** "moment.id": a cursor for HistoryOptions. */
export function cursorOf(message: Pick<Message, "moment" | "id">): string {
  return `${message.moment}.${message.id}`;
}

export interface Check {
  readonly name: string;
  readonly ok: boolean | null;
  readonly text: string;
  readonly hint?: string;
}

export type AppEvent =
  | { readonly type: "message"; readonly message: Message }
  | {
      readonly type: "delivery";
      readonly room: string;
      readonly id: string;
      readonly state: MessageState;
      readonly heldBy: number;
      /** Set when an outbox entry got its id. */ readonly was?: string;
    }
  | { readonly type: "room"; readonly room: RoomInfo }
  | { readonly type: "left"; readonly room: string }
  | { readonly type: "peers"; readonly peers: readonly PeerInfo[] }
  | {
      readonly type: "presence";
      readonly room: string;
      readonly author: string;
      readonly name: string;
      readonly here: boolean;
    }
  | {
      readonly type: "name";
      readonly room: string;
      readonly author: string;
      readonly name: string;
      /** The name until now; absent when it is the first one heard. */
      readonly before?: string;
    }
  /** Somebody has said something about ranks, the topic or the door of a room that has an owner. */
  | { readonly type: "control"; readonly entry: RoomLogEntry }
  | { readonly type: "notice"; readonly notice: Notice }
  | { readonly type: "resolved"; readonly code: string; readonly room?: string }
  | {
      readonly type: "progress";
      readonly task: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: "me"; readonly identity: IdentityInfo }
  /** Much has come into the room at once, such as by an import: its history is to be read again. */
  | {
      readonly type: "reread";
      readonly room: string;
      /** Messages of a long catch-up that were not told of one by one. */
      readonly older?: number;
    }
  /** Nobody answers for the moment: `resumed` or `closed` follows. */
  | { readonly type: "interrupted" }
  /** Another process answers from now on; what happened in between has to be read again. */
  | { readonly type: "resumed" }
  | { readonly type: "closed"; readonly reason: string };

/** The one interface of parley: the rooms of one network, and the networks themselves. */
export interface ParleyApi extends RoomsApi, NetworksApi {}

/** Everything inside one network. Rooms are named as the person writes them ("lobby", "#lobby"). */
export interface RoomsApi
  extends
    TransferApi,
    SearchApi,
    StatsApi,
    RetentionApi,
    PeopleApi,
    DevicesApi,
    HidesApi,
    DirectApi,
    OwnedApi {
  /** @param request.network the network that is meant from now on; where none is named, the profile's current one */
  hello(request: {
    client: string;
    api: number;
    network?: string;
  }): Promise<{ api: number; version: string; identity: IdentityInfo }>;
  identity(): Promise<IdentityInfo>;
  /** Own name for every joined room from now on. */
  setName(request: { name: string }): Promise<IdentityInfo>;
  rooms(): Promise<RoomInfo[]>;
  join(request: { room: string }): Promise<RoomInfo>;
  leave(request: { room: string }): Promise<LeftRoom>;
  members(request: { room: string }): Promise<MemberInfo[]>;
  /**
   * Resolves once the text is on disk. With `waitMs`, when another identity holds it, or the time is
   * over (then `state` is not "held"). @throws `not-joined`, `text-too-long`, `text-empty`
   */
  send(request: {
    room: string;
    text: string;
    kind?: "text" | "action";
    waitMs?: number;
  }): Promise<SendResult>;
  history(request: HistoryOptions): Promise<HistoryPage>;
  /** One message by full id or unambiguous prefix of ≥ 8 digits. */
  message(request: { room: string; id: string }): Promise<Message>;
  /** Everything up to the newest message is read; returns the room as it is now. */
  markRead(request: { room: string }): Promise<RoomInfo>;
  /** Where the unread line stands: cursor of the newest message that was read, or null. */
  readMarker(request: { room: string }): Promise<{ cursor: string | null; unread: number }>;
  peers(): Promise<PeerInfo[]>;
  connect(request: { address: string }): Promise<PeerInfo>;
  addresses(): Promise<AddressInfo[]>;
  status(): Promise<StatusInfo>;
  doctor(request: { room?: string; rebuild?: boolean }): Promise<Check[]>;
  whois(request: { who: string; room?: string }): Promise<WhoisInfo>;
  ignore(request: {
    who: string;
    on: boolean;
  }): Promise<{ ignored: { author: string; name: string }[] }>;
  ignored(): Promise<{ author: string; name: string }[]>;
  settings(): Promise<Record<string, string>>;
  setSetting(request: { key: string; value: string | null }): Promise<Record<string, string>>;
  /** Ends the node that answers, and the keys in its memory with it. @throws `no-passphrase` where nothing would lock it */
  lock(): Promise<{ locking: true }>;
  /** Stops the node that answers. */
  stop(): Promise<{ stopping: true }>;
  /** Calls `listener` for every event from now on; the returned function ends it. Over the socket: method "subscribe". */
  subscribe(listener: (event: AppEvent) => void): () => void;
}

export interface WhoisInfo extends PersonInfo {
  readonly devices: readonly {
    readonly device: string;
    readonly peerId: string;
    readonly here: boolean;
  }[];
  readonly names: readonly { readonly room: string; readonly name: string }[];
  readonly me: boolean;
  readonly equivocated: boolean;
}
