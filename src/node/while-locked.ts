import { isParleyError } from "../core/codec/errors.ts";

/** A store that is locked by a process that cannot be asked (yet) is tried again for this long. */
const LOCKED_MAX_MS = 5_000;
const LOCKED_RETRY_MS = 50;

/** Tries again while another process holds the store and does not answer yet, or is just ending. */
export async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  for (const startMs = Date.now(); ;) {
    try {
      return await work();
    } catch (error) {
      const retry = isParleyError(error, "store-locked") || isParleyError(error, "node-closing");
      if (!retry || Date.now() - startMs > LOCKED_MAX_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCKED_RETRY_MS));
    }
  }
}
