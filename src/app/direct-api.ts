/** The part of ParleyApi about direct messages. A conversation is a room, "@" and the fingerprint of the other; "@name" finds it too. */
import type { RoomInfo } from "./api.ts";

/** Somebody one does not know wants to talk, and waits for an answer. */
export interface DirectRequest {
  readonly author: string;
  /** As they call themselves. */
  readonly name: string;
  readonly fingerprint: string;
  /** The beginning of what they wrote. */
  readonly text: string;
  /** RFC 3339 */
  readonly time: string;
}

export interface DirectApi {
  /** Who wants to talk, longest first. */
  directRequests(): Promise<DirectRequest[]>;
  /** Opens the conversation that was asked for. @throws `unknown-person`, `ambiguous-person` */
  acceptDirect(request: { who: string }): Promise<RoomInfo>;
  /** They are not told, and not heard of again. @throws `unknown-person`, `ambiguous-person` */
  refuseDirect(request: { who: string }): Promise<DirectRequest[]>;
}
