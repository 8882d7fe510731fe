/** What works, what does not, and what to do about it. */
import { counted } from "../../core/text/counted.ts";
import type { Check, StatusInfo } from "../api.ts";
import { roughly } from "../online/clock-check.ts";
import type { StoreProgress, StoreTask } from "../../core/interfaces.ts";
import type { Context } from "../context.ts";
import { checkNamed, checkNotices, checkReach, checkRoom, unansweredOf } from "./network-checks.ts";

const CHECKING: Record<StoreTask, string> = {
  events: "checking the store",
  texts: "checking the search index",
  segments: "checking the search index",
};
const REBUILDING: Record<StoreTask, string> = {
  events: "rebuilding the indexes",
  texts: "indexing messages",
  segments: "ordering the search index",
};

/** @param request a room by its canonical name · @param mesh to how many peers a room's messages are handed, where that is known */
export async function runDoctor(
  context: Context,
  status: StatusInfo,
  request: { room: string | undefined; rebuild?: boolean },
  mesh: (room: string) => number | undefined,
): Promise<Check[]> {
  const checks = (await context.init.surroundings?.()) ?? [];
  checks.push(await checkStore(context, request.rebuild === true));
  checks.push(
    checkNetwork(status),
    ...checkReach(status),
    checkPeers(status),
    ...checkNamed(status),
    checkClock(status),
    ...checkNotices(status),
  );
  const asked = request.room;
  for (const room of status.rooms) {
    if (asked === undefined || room.room === asked)
      checks.push(checkRoom(room, mesh(room.room), asked !== undefined));
  }
  return checks;
}

async function checkStore({ init, emitter }: Context, rebuild: boolean): Promise<Check> {
  const tasks = rebuild ? REBUILDING : CHECKING;
  const progress: StoreProgress = (done, total, task) =>
    emitter.emit({ type: "progress", task: tasks[task], done, total });
  const report = rebuild ? await init.store.rebuild(progress) : await init.store.check(progress);
  if (report.problems.length === 0) {
    const done = rebuild
      ? "every index rebuilt from the events"
      : "every index agrees with the events";
    return {
      name: "store",
      ok: true,
      text: `${counted(report.events, "event")} in ${counted(report.rooms, "room")}; ${done}`,
    };
  }
  const [first] = report.problems;
  const more = report.problems.length > 1 ? ` (and ${report.problems.length - 1} more)` : "";
  return {
    name: "store",
    ok: false,
    text: `${first}${more}`,
    hint: "{parley doctor --rebuild} mends the indexes.",
  };
}

function checkNetwork(status: StatusInfo): Check {
  const failed = status.notices.find(({ code }) => code === "network-failed");
  const states: Record<StatusInfo["networkState"], Check> = {
    on: {
      name: "network",
      ok: true,
      text: `listening on ${counted(status.addresses.length, "address")}`,
    },
    starting: { name: "network", ok: null, text: "is starting" },
    off: {
      name: "network",
      ok: null,
      text: "is off for this command",
      hint: "{parley node} keeps it running.",
    },
    failed: {
      name: "network",
      ok: false,
      text: failed?.text ?? "could not start",
      hint:
        failed?.hint ??
        "Is another program using the port? {parley node --listen /ip4/0.0.0.0/tcp/0} takes a free one.",
    },
  };
  return states[status.networkState];
}

function checkPeers(status: StatusInfo): Check {
  if (status.networkState !== "on") return { name: "peers", ok: null, text: "not looked for" };
  if (status.peers.length === 0) {
    const silent = unansweredOf(status)?.count ?? 0;
    return {
      name: "peers",
      ok: null,
      text: `nobody is connected${silent > 0 ? `; ${silent} known, none answers` : ""}`,
      hint: "Ask a friend for the line of {/address} and type {/connect ADDRESS}.",
    };
  }
  const ways = new Map<string, number>();
  for (const { how } of status.peers) ways.set(how, (ways.get(how) ?? 0) + 1);
  const text = [...ways].map(([how, count]) => `${count} ${how}`).join(", ");
  return { name: "peers", ok: true, text: `${status.peers.length} connected: ${text}` };
}

function checkClock({ clock }: StatusInfo): Check {
  if (clock.offsetMs === null) return { name: "clock", ok: null, text: "nobody to compare with" };
  if (Math.abs(clock.offsetMs) <= 60_000) {
    return {
      name: "clock",
      ok: true,
      text: `within a minute of ${counted(clock.peers, "peer")}`,
    };
  }
  const direction = clock.offsetMs < 0 ? "ahead of" : "behind";
  return {
    name: "clock",
    ok: false,
    text: `${roughly(clock.offsetMs)} ${direction} ${counted(clock.peers, "peer")}`,
    hint: `${clock.peers === 1 ? "One of the two is wrong. " : ""}Set the computer's time, best automatically.`,
  };
}
