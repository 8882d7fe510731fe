/** The part of ParleyApi that is about networks themselves. Every value survives JSON. */
import type { AddressInfo } from "../api.ts";

export type NetworkRole = "member" | "admin" | "owner";

export interface NetworkInfo {
  readonly name: string;
  /** "open": whoever knows the name is in it · "private": only whom a ticket lets in. */
  readonly kind: "open" | "private";
  /** Constant id in hex. */
  readonly networkId: string;
  /** Where commands go that name no network. */
  readonly current: boolean;
  /** Whether this process has it open, with how many connected peers. */
  readonly running: boolean;
  readonly peers: number;
  /** Nobody has answered the request to be let in yet; it is made again while a node runs. */
  readonly asking?: boolean;
  /** Own role and number of members; private networks only. */
  readonly role?: NetworkRole;
  readonly members?: number;
}

export interface NetworkMember {
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly role: NetworkRole;
  readonly me: boolean;
  readonly here: boolean;
  /** RFC 3339. */
  readonly since: string;
  /** Fingerprint of who let them in; absent for the founder. */
  readonly inviter?: string;
}

export interface MadeTicket {
  /** Public key in hex: names the ticket without giving it away. */
  readonly ticketId: string;
  readonly role: NetworkRole;
  readonly expires: string;
  readonly uses: number;
  readonly used: number;
  readonly state: "good" | "expired" | "used" | "revoked";
}

export interface NetworkDetails extends NetworkInfo {
  readonly memberList: readonly NetworkMember[];
  /** Tickets made on this device. */
  readonly tickets: readonly MadeTicket[];
  /** Secrets that are good now, newest first; `closes` where it ends. */
  readonly secrets: readonly { readonly generation: number; readonly closes?: string }[];
  /** Fingerprint of the outer key, for comparing. */
  readonly outerKey: string;
  /** The one that follows, and from when; absent where none does. */
  readonly nextOuter?: { readonly outerKey: string; readonly from: string };
}

export interface TicketInfo extends Omit<MadeTicket, "state" | "used"> {
  /** "parley:…" */
  readonly ticket: string;
  readonly network: string;
  readonly addresses: readonly AddressInfo[];
}

/** What a ticket says of itself, before anybody is asked. */
export interface TicketPreview {
  readonly network: string;
  readonly networkId: string;
  /** Identity of who made it, and whether the profile is in the network already. */
  readonly inviter: string;
  readonly fingerprint: string;
  readonly role: NetworkRole;
  readonly expires: string;
  readonly expired: boolean;
  readonly uses: number;
  readonly addresses: readonly string[];
  readonly member: boolean;
}

export interface JoinedNetwork extends NetworkInfo {
  /** Who is there: connected within the first seconds. */
  readonly here: readonly { readonly name: string; readonly fingerprint: string }[];
}

export interface RotatedNetwork {
  readonly generation: number;
  /** When the old secret ends, RFC 3339. */
  readonly closes: string;
  /** When the outer key changes; absent where it stays. */
  readonly outerFrom?: string;
}

export interface NetworksApi {
  /** @throws `network-exists`, `bad-network-name`, `bad-swarm-key` */
  netCreate(request: { name: string; swarmKey?: string }): Promise<NetworkInfo>;
  netList(): Promise<NetworkInfo[]>;
  /** A private network of this profile by its name; any other name is that of an open one. */
  netUse(request: { name: string }): Promise<NetworkInfo>;
  netShow(request: { name?: string }): Promise<NetworkDetails>;
  netTicket(request: {
    name?: string;
    lifetimeMs?: number;
    uses?: number;
    role?: "member" | "admin";
    /** Private addresses too, where there are public ones. */
    lan?: boolean;
  }): Promise<TicketInfo>;
  netPreview(request: { ticket: string }): Promise<TicketPreview>;
  netJoin(request: { ticket: string; as?: string; waitMs?: number }): Promise<JoinedNetwork>;
  /** @returns `asking` where one was not in it yet, and has given up the request to be let in */
  netLeave(request: { name: string }): Promise<{ name: string; asking?: true }>;
  /** A ticket, or the id of one made on this device. */
  netRevoke(request: { ticket: string }): Promise<{ ticketId: string }>;
  /**
   * Renews the secret; members named by name, fingerprint or key are left out. The old one is good for `overlapMs` more.
   * @throws `outer-pending` where the outer key is to change, and is about to already
   */
  netRotate(request: {
    name?: string;
    overlapMs?: number;
    without?: readonly string[];
    /** The outer key changes too, when the old secret ends. */
    outer?: boolean;
  }): Promise<RotatedNetwork>;
  /** The outer key as a swarm.key file. */
  netExport(request: { name?: string }): Promise<{ name: string; swarmKey: string }>;
}
