/** Content of the kinds this version shows (docs/spec/content.md): a CBOR array; readers pass over extra items. */
import { exceedsUtf8 } from "../codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import { NAME_MAX_BYTES, TEXT_MAX_BYTES } from "../codec/limits.ts";
import { KIND_ACTION, KIND_NAME, KIND_TEXT } from "./types.ts";

export type Content = { readonly type: "name" | "text" | "action"; readonly text: string };

const TYPES: ReadonlyMap<number, { type: Content["type"]; maxBytes: number }> = new Map([
  [KIND_NAME, { type: "name", maxBytes: NAME_MAX_BYTES }],
  [KIND_TEXT, { type: "text", maxBytes: TEXT_MAX_BYTES }],
  [KIND_ACTION, { type: "action", maxBytes: TEXT_MAX_BYTES }],
]);

/** Content of a KIND_NAME event. @throws ParleyError `text-too-long` */
export function encodeName(name: string): Uint8Array {
  return encodeOne(name, NAME_MAX_BYTES);
}

/** Content of a KIND_TEXT or KIND_ACTION event. @throws ParleyError `text-too-long` */
export function encodeText(text: string): Uint8Array {
  return encodeOne(text, TEXT_MAX_BYTES);
}

/** What an event says, uncleaned; undefined for a kind that is not shown and for content that breaks its rules. */
export function readContent(event: {
  readonly kind: number;
  readonly content: Uint8Array;
}): Content | undefined {
  const known = TYPES.get(event.kind);
  if (!known) return undefined;
  try {
    const items = decodeCbor(event.content);
    if (!Array.isArray(items)) return undefined;
    const [text] = items;
    if (typeof text !== "string") return undefined;
    if (exceedsUtf8(text, known.maxBytes)) return undefined;
    return { type: known.type, text };
  } catch (error) {
    if (isParleyError(error)) return undefined;
    throw error;
  }
}

function encodeOne(text: string, maxBytes: number): Uint8Array {
  if (exceedsUtf8(text, maxBytes))
    throw new ParleyError("text-too-long", `At most ${maxBytes} bytes of text.`);
  return encodeCbor([text]);
}
