import { describe, expect, test } from "vitest";
import { parseTime, showTime } from "../../../cli/times.ts";

const NOW_MS = Date.parse("2026-11-24T18:30:00.000Z");

describe("times as people write them", () => {
  test.each([
    ["30m", "2026-11-24T18:00:00.000Z"],
    ["2h", "2026-11-24T16:30:00.000Z"],
    ["7d", "2026-11-17T18:30:00.000Z"],
    ["1w", "2026-11-17T18:30:00.000Z"],
    ["45s", "2026-11-24T18:29:15.000Z"],
    ["2026-11-24T18:30:00Z", "2026-11-24T18:30:00.000Z"],
    ["2026-11-24T18:30:00.125Z", "2026-11-24T18:30:00.125Z"],
    ["2026-11-24t18:30:00z", "2026-11-24T18:30:00.000Z"],
    ["2026-11-24T18:30:00+02:00", "2026-11-24T16:30:00.000Z"],
    ["2026-11-24 18:30Z", "2026-11-24T18:30:00.000Z"],
  ])("%s", (written, meant) => {
    expect(parseTime(written, NOW_MS)).toBe(meant);
  });

  test("a date is its beginning here, a time without zone is local", () => {
    expect(parseTime("2026-11-24", NOW_MS)).toBe(new Date(2026, 10, 24).toISOString());
    expect(parseTime("2026-11-24T18:30", NOW_MS)).toBe(
      new Date(2026, 10, 24, 18, 30).toISOString(),
    );
    expect(parseTime("2026-11-24 18:30", NOW_MS)).toBe(
      new Date(2026, 10, 24, 18, 30).toISOString(),
    );
  });

  test.each([
    "",
    "yesterday",
    "2026-02-30",
    "2026-13-01",
    "24.11.2026",
    "2x",
    "-2h",
    "99999999999d",
    "2026-11-24T25:00Z",
  ])("%j is refused with examples", (written) => {
    expect(() => parseTime(written, NOW_MS)).toThrow("is not a time");
  });
});

describe("times as they are shown", () => {
  test("of today the clock alone, of other days the date too", () => {
    const at = (hours: number, day = 24): string => new Date(2026, 10, day, hours, 5).toISOString();
    const nowMs = new Date(2026, 10, 24, 23).getTime();
    expect(showTime(at(9), nowMs)).toBe("09:05");
    expect(showTime(at(9, 23), nowMs)).toBe("2026-11-23 09:05");
  });
});
