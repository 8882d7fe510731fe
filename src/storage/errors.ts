/** Sentences for what can go wrong with a store. */
import { isParleyError, ParleyError } from "../core/codec/errors.ts";

/** The ParleyError for a failure of LevelDB at `path`. */
export function storeError(error: unknown, path: string): ParleyError {
  if (isParleyError(error)) return error;
  const text = fullText(error);
  const options = { cause: error };
  if (/LEVEL_LOCKED|already held|lock .*(unavailable|temporarily)/i.test(text)) {
    return new ParleyError(
      "store-locked",
      "Another parley process has this profile's store open.",
      {
        hint: "Ask it to end with {parley stop}, or use another --profile.",
        ...options,
      },
    );
  }
  if (/ENOSPC|No space left|disk quota/i.test(text)) {
    return new ParleyError(
      "disk-full",
      `The disk is full, so nothing can be stored in ${path}. What was stored is safe.`,
      {
        hint: "Free some space and start parley again.",
        ...options,
      },
    );
  }
  if (/does not exist \(create_if_missing/i.test(text)) {
    return new ParleyError("store-missing", `There is no store in ${path} yet.`, options);
  }
  if (
    /LEVEL_CORRUPTION|\.(ldb|sst): Invalid argument|corrupt|checksum mismatch|missing files|not a manifest|MANIFEST|CURRENT/i.test(
      text,
    )
  ) {
    return damagedError(path, error);
  }
  if (/LEVEL_DATABASE_NOT_OPEN|LEVEL_ITERATOR_NOT_OPEN|LEVEL_BATCH_NOT_OPEN/.test(text)) {
    return new ParleyError("store-closed", "The store is closed.", options);
  }
  return new ParleyError("store-failed", `The store in ${path} failed: ${firstLine(text)}`, {
    hint: "{parley doctor} says more.",
    ...options,
  });
}

export function damagedError(path: string, cause?: unknown): ParleyError {
  return new ParleyError(
    "store-damaged",
    `The store in ${path} is damaged. Nothing in it was changed.`,
    {
      hint: "{parley doctor --repair} mends it and keeps a copy of how it was.",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** Messages and codes of an error and its causes. */
function fullText(error: unknown): string {
  const parts: string[] = [];
  for (
    let each = error, depth = 0;
    each instanceof Error && depth < 5;
    each = each.cause, depth++
  ) {
    parts.push(`${"code" in each ? String(each.code) : ""} ${each.message}`);
  }
  return parts.length > 0 ? parts.reverse().join("\n") : String(error);
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.trim() ?? "";
}
