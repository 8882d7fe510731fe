/** The part of ParleyApi about how much of a room stays on this machine. */

/** `none`: everything that ever reached the room is here, or nothing older is known of · `not-fetched`: it is somewhere else · `not-kept`: retention has removed it, or did not fetch it. */
export type OlderMessages = "none" | "not-fetched" | "not-kept";

/** How much of a room is kept; neither: everything. */
export interface Keep {
  readonly days?: number;
  /** The newest so many events. */
  readonly messages?: number;
}

export interface RetentionInfo {
  /** Canonical name. */
  readonly room: string;
  readonly roomId: string;
  readonly keep: Keep;
  /** RFC 3339: from then on everything is here; null: no limit is known. */
  readonly floor: string | null;
  readonly older: OlderMessages;
  /** RFC 3339: until then more is kept than `keep` says, because it was fetched; null: nothing was. */
  readonly fetchedUntil: string | null;
  /** Events stored. */
  readonly stored: number;
}

export interface PruneResult extends RetentionInfo {
  /** Events taken out. */
  readonly removed: number;
  /** Older than the floor and still there: what the rest cannot do without, and own messages that nobody else holds. */
  readonly kept: number;
}

export interface RetentionApi {
  /** How much of a room is kept, and how far back it reaches. */
  retention(request: { room: string }): Promise<RetentionInfo>;
  /** Keeps so much from now on, and removes what is beyond it. An empty `keep`: everything. @throws `bad-retention` */
  setRetention(request: { room: string; keep: Keep }): Promise<PruneResult>;
  /** Removes what is beyond what is kept; by itself that happens from time to time. */
  prune(request: { room: string }): Promise<PruneResult>;
  /**
   * Asks everybody here for older messages; resolves with how many were asked. Where retention has removed them, the next 10,000 are
   * wanted, and stay for a day. @throws `network-off`
   */
  fetchOlder(request: { room: string }): Promise<RetentionInfo & { readonly asked: number }>;
}
