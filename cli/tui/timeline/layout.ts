/** Messages as lines of a given width, measured by grapheme and cell. */
import stringWidth from "string-width";
import type { Message } from "../../../src/app/api.ts";
import { cleanName, cleanText } from "../../../src/core/text/clean.ts";
import { VERIFIED_MARK } from "../../../src/core/text/marks.ts";
import { nameColor, type Theme } from "../theme/colors.ts";
import type { Item } from "./window.ts";

/** A piece of a line in one style. */
export interface Segment {
  readonly text: string;
  readonly color?: string;
  readonly dim?: boolean;
  readonly bold?: boolean;
  readonly inverse?: boolean;
}

export type Line = readonly Segment[];

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const TIME_COLUMNS = 6;
const INDENT_MAX_COLUMNS = 6;

/** The lines of one item. */
export function layoutItem(item: Item, width: number, theme: Theme): Line[] {
  if (item.type === "info") {
    const style =
      item.level === "error"
        ? { color: "red" }
        : item.level === "warn"
          ? { color: "yellow" }
          : { dim: true };
    return wrap(
      [
        { text: `${clock(item.timeMs)} `, dim: true },
        { text: `— ${cleanText(item.text)}`, ...style },
      ],
      width,
    );
  }
  return layoutMessage(item.message, width, theme);
}

/** A line that stands between two days. */
export function dayLine(time: number, width: number): Line {
  const day = new Date(time).toLocaleDateString(undefined, {
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
  });
  return rule(day, width, { dim: true });
}

export function unreadLine(width: number): Line {
  return rule("new", width, { color: "red" });
}

function rule(text: string, width: number, style: Omit<Segment, "text">): Line {
  const rest = Math.max(0, width - stringWidth(text) - 4);
  return [{ text: `── ${text} ${"─".repeat(rest)}`, ...style }];
}

function layoutMessage(message: Message, width: number, theme: Theme): Line[] {
  const color = nameColor(message.author, theme);
  const who = cleanName(message.name) || message.fingerprint;
  const mark = message.verified ? ` ${VERIFIED_MARK}` : "";
  const name: Segment = {
    text: message.confusable ? `${who}·${message.fingerprint}` : who + mark,
    ...(color === undefined ? {} : { color }),
    bold: message.mine,
  };
  const text = cleanText(message.text);
  const time: Segment = { text: `${clock(Date.parse(message.time))} `, dim: true };
  const highlighted = message.mention ? { inverse: true } : {};
  const said: Segment[] =
    message.kind === "action"
      ? [time, { text: "* " }, name, { text: ` ${text}` }]
      : [
          time,
          { ...name, ...highlighted },
          { text: message.mine ? " › " : " │ ", dim: true },
          { text },
        ];
  return wrap([...said, ...marks(message)], width);
}

function marks(message: Message): Segment[] {
  const found: Segment[] = [];
  if (message.equivocated) found.push({ text: " ⚠ two histories", color: "red" });
  if (message.confusable) found.push({ text: " ⚠ look-alike name", color: "yellow" });
  if (message.clock === "ahead") found.push({ text: " ⏱ clock ahead", dim: true });
  if (message.late) found.push({ text: " (came late)", dim: true });
  if (message.state === "pending") found.push({ text: " …", dim: true });
  return found;
}

/** "18:30", local time. */
export function clock(timeMs: number): string {
  const time = new Date(timeMs);
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}

/** Breaks segments into lines: at spaces where possible, inside a word where not, never inside a grapheme. */
export function wrap(segments: readonly Segment[], width: number): Line[] {
  const indent = width > 40 ? Math.min(INDENT_MAX_COLUMNS, TIME_COLUMNS) : 1;
  const lines: Segment[][] = [[]];
  let used = 0;
  const breakLine = (): void => {
    lines.push([{ text: " ".repeat(indent) }]);
    used = indent;
  };
  const push = (text: string, style: Segment, columns: number): void => {
    const line = lines.at(-1) as Segment[];
    const last = line.at(-1);
    if (last && sameStyle(last, style)) line[line.length - 1] = { ...last, text: last.text + text };
    else line.push({ ...style, text });
    used += columns;
  };
  for (const segment of segments) {
    const parts = segment.text.split("\n");
    parts.forEach((part, i) => {
      if (i > 0) breakLine();
      for (const word of part.match(/ +|[^ ]+/g) ?? []) placeWord(word, segment);
    });
  }
  return lines;

  function placeWord(word: string, style: Segment): void {
    const columns = stringWidth(word);
    if (used + columns <= width) return push(word, style, columns);
    if (word.startsWith(" ")) return;
    if (columns <= width - indent) {
      breakLine();
      return push(word, style, columns);
    }
    for (const { segment: grapheme } of graphemes.segment(word)) {
      const cells = stringWidth(grapheme);
      if (used + cells > width && used > indent) breakLine();
      push(grapheme, style, cells);
    }
  }
}

function sameStyle(a: Segment, b: Segment): boolean {
  return a.color === b.color && a.dim === b.dim && a.bold === b.bold && a.inverse === b.inverse;
}
