/** Has the search index read a private room through the log that opens it (docs/spec/search.md). */
import type { Logger, RoomLog, Store } from "../../core/interfaces.ts";
import type { KeyRing } from "../../core/room/key-ring.ts";
import { keptKeys } from "./key-store.ts";

/** @param log the room's, opened by `ring` */
export async function followRoom(
  { store, logger }: { readonly store: Store; readonly logger: Logger },
  log: RoomLog,
  ring: KeyRing,
): Promise<void> {
  const { epochs } = await keptKeys(store, log.roomId);
  await store.index.follow(log, epochs.length);
  const keep = ring.onLearned;
  ring.onLearned = (learned) => {
    keep(learned);
    store.index
      .follow(log)
      .catch((error: unknown) =>
        logger.warn("what can be read now was not indexed", { error: String(error) }),
      );
  };
}
