import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { bars, fitted, hourLines } from "../../../cli/chart.ts";
import { daySpans } from "../../../cli/day-spans.ts";
import { statsLines } from "../../../cli/commands/stats.ts";
import type { RoomStatistics } from "../../../src/app/stats-api.ts";

const NAMES = [
  "ana",
  "日本語の名前がとても長い人",
  "👩‍👩‍👧‍👦 family",
  "x".repeat(64),
  "Ωμέγα",
  "ย้ำ".repeat(10),
];

describe("charts", () => {
  test("bars say how much each is of the most; little is not nothing", () => {
    const rows = [
      { label: "ana", value: 1_600 },
      { label: "bo", value: 800 },
      { label: "cy", value: 1 },
      { label: "di", value: 0 },
    ];
    expect(bars(rows, 26)).toEqual([
      "ana ████████████████ 1,600",
      "bo  ████████           800",
      "cy  ▏                    1",
      "di                       0",
    ]);
  });

  test.each([12, 20, 40, 80, 100])(
    "no line is wider than %i columns, whatever the names",
    (columns) => {
      const found: RoomStatistics = {
        room: "#lobby",
        roomId: "",
        timeZone: "UTC",
        messages: 12_345,
        people: NAMES.map((name, i) => ({
          author: `${i}`,
          name,
          fingerprint: "4F2K-9QXT",
          me: false,
          messages: 10 ** (i % 5),
        })),
        others: { people: 2, messages: 7 },
        days: [
          { day: "2026-11-01", messages: 12 },
          { day: "2026-11-24", messages: 3 },
        ],
        hours: Array.from({ length: 24 }, (_, hour) => hour),
      };
      const charts = [
        ...bars(
          found.people.map(({ name, messages }) => ({ label: name, value: messages })),
          columns,
        ),
        ...(columns >= 24 ? hourLines(found.hours, columns) : []),
      ];
      for (const line of charts) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
      if (columns < 40) return;
      const lines = statsLines(found, columns);
      for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
      expect(lines[0]).toBe("#lobby: 12,345 messages by 8 people");
      expect(lines.filter((line) => /^2026-11-\d\d /.test(line)).length).toBe(24);
    },
  );

  test("a label has exactly its columns, cut between graphemes", () => {
    for (const name of NAMES) {
      for (const columns of [1, 2, 5, 9, 40]) {
        const label = fitted(name, columns);
        expect(stringWidth(label)).toBe(columns);
        expect(label.isWellFormed()).toBe(true);
      }
    }
    expect(fitted("👩‍👩‍👧‍👦 family", 4)).toBe("👩‍👩‍👧‍👦 …");
  });

  test("hours stand above their names", () => {
    const hours = Array.from({ length: 24 }, (_, hour) => (hour === 6 ? 8 : hour === 18 ? 1 : 0));
    expect(hourLines(hours, 80)).toEqual([
      `${" ".repeat(12)}██${" ".repeat(22)}▁▁`,
      "0           6           12          18",
    ]);
    expect(hourLines(hours, 30)[1]).toBe("0     6     12    18");
  });

  test("days become weeks, months and years where they would not fit", () => {
    const between = (first: string, last: string) =>
      daySpans([
        { day: first, messages: 2 },
        { day: last, messages: 3 },
      ]);
    expect(between("2026-11-01", "2026-11-03")).toEqual({
      unit: "day",
      bars: [
        { label: "2026-11-01", value: 2 },
        { label: "2026-11-02", value: 0 },
        { label: "2026-11-03", value: 3 },
      ],
    });
    expect(between("2026-01-01", "2026-03-01")).toMatchObject({
      unit: "week",
      bars: { length: 9 },
    });
    expect(between("2025-01-31", "2026-12-01")).toMatchObject({
      unit: "month",
      bars: { length: 24 },
    });
    expect(between("2025-01-31", "2060-12-01")).toMatchObject({
      unit: "year",
      bars: { length: 36 },
    });
    expect(daySpans([])).toEqual({ unit: "day", bars: [] });
  });
});
