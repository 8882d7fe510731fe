/** Small charts for any terminal: no colours needed, and no line wider than it. */
import stringWidth from "string-width";

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const HEIGHTS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/** Blanks between label, bar and number. */
const GAPS = 2;
const BAR_MIN_COLUMNS = 4;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** A line a bar: label, bar, number. The longest bar is as long as there is room. */
export function bars(rows: readonly Bar[], columns: number): string[] {
  const numbers = rows.map(({ value }) => value.toLocaleString("en"));
  const numberColumns = Math.max(0, ...numbers.map((number) => number.length));
  const widest = Math.max(0, ...rows.map(({ label }) => stringWidth(label)));
  // Long labels are cut before the bars are: at half of the line, and more in a narrow terminal.
  const left = columns - numberColumns - GAPS - BAR_MIN_COLUMNS;
  const labelColumns = Math.max(1, Math.min(widest, left, Math.floor(columns / 2)));
  const barColumns = Math.max(1, columns - labelColumns - numberColumns - GAPS);
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return rows.map(({ label, value }, i) => {
    const bar = barOf(value / most, barColumns);
    return `${fitted(label, labelColumns)} ${bar.padEnd(barColumns)} ${numbers[i]?.padStart(numberColumns)}`;
  });
}

/** The hours of a day side by side, and their names below. `columns` under 49 take one column an hour. */
export function hourLines(hours: readonly number[], columns: number): string[] {
  const each = columns > 2 * hours.length ? 2 : 1;
  const most = Math.max(1, ...hours);
  const heights = hours.map((value) => heightOf(value / most).repeat(each));
  const names = hours.map((_, hour) => (hour % 6 === 0 ? String(hour).padEnd(6 * each) : ""));
  return [heights.join("").trimEnd(), names.join("").trimEnd()];
}

/** `label` in exactly so many columns, cut between graphemes. */
export function fitted(label: string, columns: number): string {
  if (stringWidth(label) <= columns) return label + " ".repeat(columns - stringWidth(label));
  let cut = "";
  for (const { segment } of graphemes.segment(label)) {
    if (stringWidth(cut + segment) > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`.padEnd(cut.length + 1 + columns - 1 - stringWidth(cut));
}

function barOf(share: number, columns: number): string {
  if (share === 0) return "";
  // What is little is not nothing.
  const eighths = Math.max(1, Math.round(share * columns * 8));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] as string);
}

function heightOf(share: number): string {
  if (share === 0) return " ";
  return HEIGHTS[Math.max(0, Math.ceil(share * HEIGHTS.length) - 1)] as string;
}
