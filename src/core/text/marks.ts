/** Signs with which parley itself marks people: nobody bears one in a name of their own making (docs/spec/people.md). */
import { cleanName } from "./clean.ts";

/** The sign behind the name of somebody this person has verified. */
export const VERIFIED_MARK = "✓";

const MARKS = /[✓✔☑✅🗸🗹⍻√⚠]/gu;
/** What could be read as the fingerprint of a key, "4F2K-9QXT", in any script. */
const FINGERPRINT = /(?<![\p{L}\p{N}])[\p{Lu}\p{N}]{4}\p{Pd}[\p{Lu}\p{N}]{4}(?![\p{L}\p{N}])/u;

/** A self-claimed name as it is shown: cleaned, and without what would look like a mark. May be empty. */
export function claimedName(name: string): string {
  return cleanName(cleanName(name).replaceAll(MARKS, " "));
}

/** Whether a name holds what could be taken for a fingerprint that is not this one. */
export function bearsFingerprint(name: string, own: string): boolean {
  return FINGERPRINT.test(name.replaceAll(own, ""));
}
