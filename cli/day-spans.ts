/** Days drawn together into weeks, months or years, so that a chart of them fits a screen. */
import type { Bar } from "./chart.ts";

/** Rows of a chart. */
const ROWS_MAX = 31;
const DAY_MS = 86_400_000;

type Unit = "day" | "week" | "month" | "year";

export interface DaySpans {
  readonly unit: Unit;
  /** Every span from the first to the last, also those without anything. */
  readonly bars: readonly Bar[];
}

/** @param days "2026-11-24", ascending */
export function daySpans(
  days: readonly { readonly day: string; readonly messages: number }[],
): DaySpans {
  for (const unit of ["day", "week", "month", "year"] as const) {
    const bars = barsOf(days, unit);
    if (bars.length <= ROWS_MAX || unit === "year") return { unit, bars };
  }
  return { unit: "year", bars: [] };
}

function barsOf(days: Parameters<typeof daySpans>[0], unit: Unit): Bar[] {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return [];
  const counts = new Map<string, number>();
  for (let at = Date.parse(first.day); at <= Date.parse(last.day); at += DAY_MS)
    counts.set(spanOf(at, unit), 0);
  for (const { day, messages } of days) {
    const span = spanOf(Date.parse(day), unit);
    counts.set(span, (counts.get(span) ?? 0) + messages);
  }
  return [...counts].map(([label, value]) => ({ label, value }));
}

/** The name of the span a day (its midnight in UTC, ms) lies in; a week is called by its Monday. */
function spanOf(dayMs: number, unit: Unit): string {
  const weekday = (new Date(dayMs).getUTCDay() + 6) % 7;
  const day = new Date(unit === "week" ? dayMs - weekday * DAY_MS : dayMs).toISOString();
  return day.slice(0, { day: 10, week: 10, month: 7, year: 4 }[unit]);
}
