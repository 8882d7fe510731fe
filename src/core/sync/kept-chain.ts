import { equal } from "../codec/bytes.ts";
import type { RoomLog } from "../interfaces.ts";
import type { LogEvent } from "../log/types.ts";
import type { Cut } from "../room/control.ts";

/**
 * Whether an event below a cut lies on the chain that ends with it. A chain with a link missing counts as kept until the link
 * comes. Walked only where the device has signed two histories.
 */
export async function isKept(
  log: Pick<RoomLog, "chain" | "at">,
  event: LogEvent,
  cut: Cut,
): Promise<boolean> {
  const { root, device } = event;
  const twins = await log.at(root, device, event.seq);
  const forked = twins.some(({ id }) => !equal(id, event.id));
  if (!forked && (await log.chain(root, device))?.equivocated !== true) return true;
  let { id } = event;
  for (let seq = event.seq + 1; seq <= cut.seq; seq++) {
    const stored = await log.at(root, device, seq);
    const next = stored.find(({ prev }) => prev !== null && equal(prev, id));
    if (!next) return stored.length === 0;
    id = next.id;
  }
  return equal(id, cut.id);
}
