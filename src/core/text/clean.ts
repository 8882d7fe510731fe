/**
 * Makes text that somebody else wrote safe to show: no escape, control, direction or invisible
 * character of theirs reaches a screen. docs/spec/text.md.
 */
import { utf8 } from "../codec/bytes.ts";
import {
  EMOJI_JOINED_MAX_COUNT,
  MARKS_PER_LETTER_MAX_COUNT,
  NAME_MAX_BYTES,
} from "../codec/limits.ts";

const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/gu;
/** Colours and cursor movements as they stand in copied terminal output: gone whole, or "[31m" would stay. */
const TERMINAL_SEQUENCES = new RegExp(String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]`, "gu");

const EMOJI = String.raw`\p{Extended_Pictographic}(?:[\ufe0e\ufe0f]|\p{Emoji_Modifier})?`;
/** Emoji joined by ZWJ, keycaps, and the flags that are spelled with tags: kept whole. */
const EMOJI_SEQUENCE = String.raw`[0-9#*]\ufe0f\u20e3|\u{1f3f4}[\u{e0020}-\u{e007e}]{1,6}\u{e007f}|${EMOJI}(?:\u200d${EMOJI}){0,${EMOJI_JOINED_MAX_COUNT - 1}}`;
/** Joiners that spelling needs: after a virama in the scripts of India, and between Arabic letters. */
const VIRAMA = String.raw`\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca`;
const SPELLED_JOINER = String.raw`(?<=[${VIRAMA}])[\u200c\u200d]|(?<=\p{Script=Arabic})\u200c(?=\p{Script=Arabic})`;
/** All of C0, DEL and C1 but the line feed, everything Unicode calls ignorable (bidi controls, zero widths, tags), and annotations. */
const UNSEEN = String.raw`(?!\n)[\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]`;
const KEPT_OR_UNSEEN = new RegExp(`(${EMOJI_SEQUENCE}|${SPELLED_JOINER})|${UNSEEN}`, "gu");

/** A joiner counts with the mark before it, or each one dropped would lengthen the run and need another pass. */
const MARK = String.raw`(?:\p{M}[\u200c\u200d]?)`;
const TOO_MANY_MARKS = new RegExp(`(${MARK}{${MARKS_PER_LETTER_MAX_COUNT}})${MARK}+`, "gu");
const TAB = "    ";

/** Latin letters and line feeds: most of what is ever written, and clean as it is. */
const PLAIN = /^[\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff]*$/u;

/** Clean text of any number of lines, at most four times as long as `text`. Never throws; cleaning twice changes nothing. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  let cleaned = text
    .toWellFormed()
    .replace(LINE_ENDS, "\n")
    .replace(TERMINAL_SEQUENCES, "")
    .replaceAll("\t", TAB);
  // What is dropped can bring together what then has to be dropped too; only what no longer changes is clean.
  for (let before = ""; before !== cleaned;) {
    before = cleaned;
    cleaned = withoutUnseen(cleaned.normalize("NFC"));
  }
  return cleaned;
}

function withoutUnseen(text: string): string {
  return text
    .replace(KEPT_OR_UNSEEN, (_, kept: string | undefined) => kept ?? "")
    .replace(TOO_MANY_MARKS, "$1");
}

/** Spaces of every width, and the braille cell without dots. */
const BLANKS = /[\s\u2800]+/gu;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** A clean name on one line, at most NAME_MAX_BYTES of UTF-8, cut between graphemes; empty where nothing visible is left. */
export function cleanName(text: string): string {
  return cut(cleanText(text).replace(BLANKS, " ").trim(), NAME_MAX_BYTES).trim();
}

/** The longest beginning of whole graphemes that fits. */
function cut(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  let sizeBytes = 0;
  let end = 0;
  for (const { segment } of graphemes.segment(text)) {
    sizeBytes += utf8(segment).length;
    if (sizeBytes > maxBytes) break;
    end += segment.length;
  }
  return text.slice(0, end);
}
