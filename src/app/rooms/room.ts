import type { AppendOutcome } from "../../core/interfaces.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import type { Gate } from "./gate.ts";
import type { Outbox } from "./outbox.ts";
import type { RoomState } from "./room-state.ts";

/** A joined room with the machinery that signs in it. */
export interface JoinedRoom {
  readonly state: RoomState;
  readonly gate: Gate;
  readonly outbox: Outbox;
}

/** An event that was handed to the store, and what became of it there. */
export interface StoredItem {
  readonly event: StoredEvent;
  readonly outcome: AppendOutcome;
}
