/** An index that lives beside the room's own ones: what it puts is written in the event's own atomic batch. */
import type { LogEvent } from "../core/log/types.ts";
import type { Puts } from "./puts.ts";

export interface EventIndex {
  /** Tables whose records follow from the events; emptied before the indexes are built again. */
  readonly tables: readonly number[];
  /** An event joins the set. Appends to `puts`; may read what is stored. */
  added(event: LogEvent, puts: Puts): void;
  /** An event leaves the set. */
  removed(event: LogEvent, puts: Puts): void;
}
