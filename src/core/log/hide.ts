/** Hides that others can follow: what an event of kind 5 says, and which of several count (docs/spec/hides.md). */
import { toHex } from "../codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { isParleyError } from "../codec/errors.ts";
import { HIDES_PER_PERSON_MAX_COUNT } from "../codec/limits.ts";
import { comparePositions } from "./order.ts";
import { KIND_HIDE, type LogEvent } from "./types.ts";

export interface Hide {
  /** Identities in hex: who says so, and of whom. */
  readonly by: string;
  readonly subject: string;
  readonly on: boolean;
}

/** @param subject identity key */
export function encodeHide(subject: Uint8Array, on: boolean): Uint8Array {
  return encodeCbor([subject, on]);
}

/** What an event says; undefined for other kinds, and where it breaks the rules. */
export function readHide({ kind, root, content }: LogEvent): Hide | undefined {
  if (kind !== KIND_HIDE) return undefined;
  try {
    const [subject, on] = (decodeCbor(content) as [unknown, unknown] | null) ?? [];
    if (!(subject instanceof Uint8Array) || subject.length !== 32 || typeof on !== "boolean")
      return undefined;
    return { by: toHex(root), subject: toHex(subject), on };
  } catch (error) {
    if (isParleyError(error) || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Those that count, of these authors: of one author about one identity the last, of one author so many subjects, the last ones. */
export function standingHides(events: readonly LogEvent[], authors: ReadonlySet<string>): Hide[] {
  const last = new Map<string, Map<string, Hide>>();
  for (const event of [...events].sort(comparePositions)) {
    const hide = readHide(event);
    if (!hide || !authors.has(hide.by)) continue;
    const said = last.get(hide.by) ?? new Map<string, Hide>();
    last.set(hide.by, said);
    said.delete(hide.subject);
    said.set(hide.subject, hide);
    const [oldest] = said.keys();
    if (said.size > HIDES_PER_PERSON_MAX_COUNT && oldest !== undefined) said.delete(oldest);
  }
  return [...last.values()].flatMap((said) => [...said.values()]).filter(({ on }) => on);
}
