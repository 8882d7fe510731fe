/** The part of ParleyApi that counts. */

export interface RoomStatistics {
  /** Canonical name. */
  readonly room: string;
  readonly roomId: string;
  /** IANA time zone of days and hours. */
  readonly timeZone: string;
  /** Messages stored since the time asked for; names and unknown kinds are none. */
  readonly messages: number;
  /** RFC 3339 of the oldest and the newest of them; absent where there is none. */
  readonly first?: string;
  readonly last?: string;
  /** Those who wrote most, most first, at most 1,000. */
  readonly people: readonly PersonStatistics[];
  /** Everybody else. */
  readonly others: { readonly people: number; readonly messages: number };
  /** Days with messages, "2026-11-24", oldest first. */
  readonly days: readonly { readonly day: string; readonly messages: number }[];
  /** Messages by hour of the day, 24 numbers. */
  readonly hours: readonly number[];
}

export interface PersonStatistics {
  /** Identity key, hex. */
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly me: boolean;
  readonly messages: number;
}

export interface StatsApi {
  /**
   * Counts a room's stored messages in one pass.
   * @param request.since RFC 3339, inclusive; default: all
   * @param request.timeZone IANA name; default: UTC
   * @throws `not-joined`, `bad-time`, `bad-time-zone`
   */
  statistics(request: { room: string; since?: string; timeZone?: string }): Promise<RoomStatistics>;
}
