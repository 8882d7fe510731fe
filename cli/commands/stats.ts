import { counted } from "../../src/core/text/counted.ts";
import type { RoomStatistics } from "../../src/app/stats-api.ts";
import { bars, hourLines } from "../chart.ts";
import { type Context, openStore, paint } from "../context.ts";
import { withProgress } from "../node-progress.ts";
import { daySpans } from "../day-spans.ts";
import { DONE } from "../exit-status.ts";
import { parseTime } from "../times.ts";

export interface StatsFlags {
  readonly room: string;
  readonly since?: string;
}

/** People shown one by one. */
const PEOPLE_SHOWN = 15;
/** Without a terminal, and the widest chart that is still read with ease. */
const COLUMNS_DEFAULT = 80;
const COLUMNS_MAX = 100;

export async function stats(context: Context, { room, since }: StatsFlags): Promise<number> {
  const { out } = context;
  const api = await openStore(context);
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const request = {
    room,
    timeZone,
    ...(since === undefined ? {} : { since: parseTime(since, Date.now()) }),
  };
  const found = await withProgress(context, api, () => api.statistics(request));
  if (out.json) {
    await out.object("statistics", found);
    return DONE;
  }
  const columns = Math.min(process.stdout.columns ?? COLUMNS_DEFAULT, COLUMNS_MAX);
  for (const line of statsLines(found, columns)) await out.line(line);
  return DONE;
}

/** What a person reads: by whom, when, and at which hours. */
export function statsLines(found: RoomStatistics, columns: number): string[] {
  const { people, others, days, hours, messages, timeZone } = found;
  const all = people.length + others.people;
  const head = `${found.room}: ${counted(messages, "message")} by ${counted(all, "person", "people")}`;
  if (messages === 0) return [head];
  const shown = people.slice(0, PEOPLE_SHOWN).map((person) => ({
    label: `${person.name} ${person.fingerprint}`,
    value: person.messages,
  }));
  const rest = people.slice(PEOPLE_SHOWN);
  const restMessages = rest.reduce((sum, person) => sum + person.messages, others.messages);
  const restPeople = rest.length + others.people;
  const spans = daySpans(days);
  return [
    head,
    ...section("By person"),
    ...bars(
      restPeople === 0
        ? shown
        : [...shown, { label: counted(restPeople, "other"), value: restMessages }],
      columns,
    ),
    ...section(`By ${spans.unit}`),
    ...bars(spans.bars, columns),
    ...section(`By hour (${timeZone})`),
    ...hourLines(hours, columns),
  ];
}

function section(name: string): string[] {
  return ["", paint("bold", name)];
}
