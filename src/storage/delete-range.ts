import { STORE_BATCH_MAX_COUNT } from "../core/codec/limits.ts";
import type { Kv } from "./kv.ts";

/** Deletes every key of a range, or at most so many batches of it; returns whether some may be left. */
export async function deleteRange(
  kv: Kv,
  range: { gte: Uint8Array; lt: Uint8Array },
  batches = Infinity,
): Promise<boolean> {
  for (let i = 0; i < batches; i++) {
    const keys = await kv.keys({ ...range, limit: STORE_BATCH_MAX_COUNT });
    if (keys.length > 0) {
      await kv.write(
        keys.map((key) => ({ key, value: null })),
        false,
      );
    }
    if (keys.length < STORE_BATCH_MAX_COUNT) return false;
  }
  return true;
}
