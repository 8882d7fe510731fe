/** The part of ParleyApi about rooms that have an owner: who may do what, and coming in. */
import type { RoomInfo } from "./api.ts";

export const RANKS = ["guest", "member", "moderator", "admin", "owner"] as const;
export type RankName = (typeof RANKS)[number];
/** Ranks that can be given by name. */
export type GivenRank = Exclude<RankName, "owner">;

export interface CreateRoom {
  readonly name: string;
  readonly topic?: string;
  /** Messages are kept for a day. */
  readonly ephemeral?: boolean;
  /** Peers do not tell others of it. */
  readonly unlisted?: boolean;
  /** What is said there is sealed to those who are in it. */
  readonly private?: boolean;
  /** Of a private room: whether who comes in reads all that was said before, or what is said from then on. Default all. */
  readonly history?: "all" | "since-join";
  /** Who may come in: everybody who knows of it, or by invites alone, for good. Default everybody. */
  readonly join?: "open" | "invite";
}

export interface OwnedRoomInfo extends RoomInfo {
  /** The first 16 digits of the room's id name it as well: "room:…". */
  readonly topic: string;
  /** As its owner calls it; `room` is what it is called here. */
  readonly called: string;
  readonly owner: { readonly author: string; readonly name: string; readonly fingerprint: string };
  /** The own one; null: not in it. */
  readonly rank: RankName | null;
  readonly policies: Readonly<Record<string, string>>;
  /** Whether this profile keeps the key that the owner has named as successor. */
  readonly successor: boolean;
  /** Control events, and of them void ones. */
  readonly controls: number;
  readonly void: number;
  /** Messages set aside: their authors may not say them. */
  readonly aside: number;
}

/** One control event. */
export interface RoomLogEntry {
  readonly id: string;
  readonly room: string;
  readonly time: string;
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly kind: string;
  /** "made bob a moderator" */
  readonly text: string;
  readonly effective: boolean;
  /** Why it is void: code and sentence. */
  readonly reason?: string;
  readonly why?: string;
}

export interface RoomInvite {
  /** Public key of the invite, hex; its first 8 digits name it. */
  readonly key: string;
  readonly room: string;
  readonly by: string;
  readonly rank: RankName;
  readonly expires: string | null;
  readonly uses: number | null;
  readonly used: number;
  readonly state: "open" | "used" | "expired" | "revoked" | "void";
}

/** Somebody who has come by an invite that wants approval, and waits. */
export interface RoomRequest {
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly room: string;
  /** RFC 3339 */
  readonly time: string;
  /** Public key of the invite, hex. */
  readonly invite: string;
}

/** Somebody in the tree of who let whom in. */
export interface TreeMember {
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly rank: RankName | null;
  /** Who let them in, and by which invite; absent for the founder and for who came by the open door. */
  readonly by?: string;
  readonly invite?: string;
}

/** A room that peers carry. */
export interface ListedRoom {
  /** "room:" and the id in hex, to join by. */
  readonly ref: string;
  readonly roomId: string;
  readonly name: string;
  readonly topic: string;
  readonly members: number;
  /** Connected peers that carry it. */
  readonly peers: number;
  readonly joined: boolean;
}

export interface OwnedApi {
  /** Founds a room. @throws `bad-room-name`, `room-exists`, `bad-topic` */
  createRoom(request: CreateRoom): Promise<OwnedRoomInfo>;
  /** @throws `not-owned` */
  roomDetails(request: { room: string }): Promise<OwnedRoomInfo>;
  setTopic(request: { room: string; topic: string }): Promise<OwnedRoomInfo>;
  /** `name`, `join`, `ephemeral`, `listed`. @throws `bad-policy` */
  setPolicy(request: { room: string; name: string; value: string }): Promise<OwnedRoomInfo>;
  /** Gives or takes a rank. @throws `not-allowed` */
  setRank(request: { room: string; who: string; rank: GivenRank }): Promise<RoomLogEntry>;
  /** One step up or down. */
  promote(request: { room: string; who: string; steps: number }): Promise<RoomLogEntry>;
  removeMember(request: {
    room: string;
    who: string;
    how: "kick" | "ban" | "mute";
    forMs?: number;
    /** Of a kick or a ban; everybody who reads the room's log reads it. @throws `bad-reason` */
    reason?: string;
  }): Promise<RoomLogEntry>;
  /** Lifts a ban or a mute. */
  restoreMember(request: {
    room: string;
    who: string;
    how: "unban" | "unmute";
  }): Promise<RoomLogEntry>;
  checkpoint(request: { room: string }): Promise<RoomLogEntry>;
  /** The key that takes the room over, for whoever shall have it. @throws `no-successor` */
  successorKey(request: { room: string }): Promise<{ room: string; key: string }>;
  /** Takes a room over by the key that its owner has named. @throws `wrong-key` */
  takeOver(request: { room: string; key: string }): Promise<RoomLogEntry>;
  /** Every control event, in the order of the room. */
  roomLog(request: { room: string }): Promise<RoomLogEntry[]>;
  invite(request: {
    room: string;
    rank?: "guest" | "member";
    uses?: number | null;
    lifetimeMs?: number | null;
    lan?: boolean;
    /** Who comes by it reads, and waits to be let in. */
    approve?: boolean;
  }): Promise<RoomInvite & { readonly ticket: string }>;
  /** Who waits to be let in, longest first. */
  requests(request: { room: string }): Promise<RoomRequest[]>;
  /** Makes a member of somebody who waits, or removes them. @throws `no-request`, `not-allowed` */
  answerRequest(request: { room: string; who: string; admit: boolean }): Promise<RoomLogEntry>;
  invites(request: { room: string }): Promise<{
    readonly invites: readonly RoomInvite[];
    readonly tree: readonly TreeMember[];
  }>;
  revokeInvite(request: { room: string; invite: string }): Promise<RoomLogEntry>;
  /** Removes somebody and everybody they let in, as far as the own rank goes. */
  undoBranch(request: { room: string; who: string; how: "kick" | "ban" }): Promise<RoomLogEntry[]>;
  /** Rooms that connected peers carry and do not hide. */
  publicRooms(): Promise<ListedRoom[]>;
}
