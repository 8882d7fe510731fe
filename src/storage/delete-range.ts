import { STORE_BATCH_MAX_COUNT } from "../core/codec/limits.ts";
import type { Kv } from "./kv.ts";

/** Deletes every key of a range, or at most so many batches of it; returns whether some may be left. */
export async function deleteRange(
  kv: Kv,
  range: { gte: Uint8Array; lt: Uint8Array },
  batches = Infinity,
): Promise<boolean> {
  let { gte } = range;
  for (let i = 0; i < batches; i++) {
    const keys = await kv.keys({ gte, lt: range.lt, limit: STORE_BATCH_MAX_COUNT });
    if (keys.length > 0) {
      await kv.write(
        keys.map((key) => ({ key, value: null })),
        false,
      );
    }
    const last = keys.at(-1);
    if (!last || keys.length < STORE_BATCH_MAX_COUNT) return false;
    // From the beginning each time, all that was deleted before would be passed over again.
    gte = last.slice();
  }
  return true;
}
