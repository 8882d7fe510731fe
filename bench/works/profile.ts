/** A history in the store of a profile that the built program opens. */
import { join } from "node:path";
import { networkId, openRoom } from "../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { openStore } from "../../src/storage/index.ts";
import { fill } from "../fill.ts";
import { silentLogger } from "../contestant.ts";

/** Fills #lobby of the default profile with messages of 20 people in the last half year. */
export async function fillProfile(home: string, network: string, count: number): Promise<void> {
  const store = await openStore({
    path: join(home, "profiles/default/store"),
    logger: silentLogger,
    createIfMissing: true,
    durability: "process",
  });
  const keys = openRoom(nodeCrypto, networkId(nodeCrypto, network), "#lobby");
  const log = await store.room(keys.roomId);
  const untilMs = Date.now() - 60_000;
  const fromMs = untilMs - 180 * 86_400_000;
  await fill(store, log, { count, authors: 20, firstAuthor: 1, fromMs, untilMs });
  await store.close();
}
