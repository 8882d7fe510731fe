import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import type { RoomLog } from "../../core/interfaces.ts";
import type { StoredEvent } from "../../core/log/types.ts";

/**
 * Finds a stored event by id or by an unambiguous prefix of at least 8 hex digits.
 * @throws ParleyError `bad-id`, `unknown-message`, `ambiguous-id`
 */
export async function findMessage(log: RoomLog, id: string): Promise<StoredEvent> {
  const prefix = id.toLowerCase();
  if (!/^[0-9a-f]{8,64}$/.test(prefix)) {
    throw new ParleyError("bad-id", "A message id has 64 hex digits; its first 8 or more will do.");
  }
  const whole = prefix.slice(0, prefix.length - (prefix.length % 2));
  const ids = (await log.findPrefix(fromHex(whole), 32)).filter((found) =>
    toHex(found).startsWith(prefix),
  );
  if (ids.length > 1) {
    throw new ParleyError("ambiguous-id", `More than one message begins with ${prefix}.`, {
      hint: "Give more digits.",
    });
  }
  const [event] = await log.find(ids);
  if (!event) throw new ParleyError("unknown-message", "No such message is stored here.");
  return event;
}
