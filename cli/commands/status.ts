import { counted } from "../../src/core/text/counted.ts";
import type { StatusInfo } from "../../src/app/api.ts";
import { roughly } from "../../src/app/online/clock-check.ts";
import { reachWords, wordCommands } from "../../src/app/words.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { olderWords } from "../retention-words.ts";
import { table } from "../table.ts";
import { row as peerRow } from "./peers.ts";

export async function status(context: Context): Promise<number> {
  const { out } = context;
  const { api, how } = await openSession(context, false);
  const info = await api.status();
  if (out.json) {
    await out.object("status", { ...info, running: how === "socket" });
    return DONE;
  }
  for (const line of describe(info, how === "socket"))
    await out.line(wordCommands(line, context.wording));
  return DONE;
}

function describe(info: StatusInfo, running: boolean): string[] {
  const node = running
    ? `parley ${info.version} has been running for ${roughly(info.uptimeMs)} (process ${info.pid})`
    : "parley is not running; {parley node} keeps you reachable";
  const states = {
    on: `on, ${counted(info.peers.length, "peer")}${info.localOnly ? ", this machine only" : ""}`,
    off: "off",
    starting: "starting",
    failed: "could not start",
  };
  return [
    ...table([
      ["you", `${info.name} · ${info.fingerprint}`],
      ["profile", `${info.profile}, network ${info.network}`],
      ["node", node],
      ["network", states[info.networkState]],
      ["reached", reachWords(info)],
      ["clock", clock(info)],
      ...info.catchUps.map(({ room, done, total }) => [
        "history",
        `${room}: ${done} of about ${total} have come`,
      ]),
      ...info.addresses.map((address, i) => [i === 0 ? "address" : "", address]),
    ]),
    ...section("peers", info.peers.map(peerRow)),
    ...section(
      "rooms",
      info.rooms.map((room) => [
        room.room,
        counted(room.members, "member"),
        `${room.here} here`,
        `${room.unread} unread`,
        `${room.pending} pending`,
        olderWords(room),
      ]),
    ),
    ...info.notices.map(({ text, hint }) => (hint === undefined ? text : `${text} ${hint}`)),
  ];
}

function section(name: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ["", name, ...table(rows).map((line) => `  ${line}`)];
}

function clock({ clock: { offsetMs, peers } }: StatusInfo): string {
  if (offsetMs === null) return "nobody to compare with";
  if (Math.abs(offsetMs) < 1_000) return `right, by ${counted(peers, "peer")}`;
  return `${roughly(offsetMs)} ${offsetMs < 0 ? "ahead of" : "behind"} ${counted(peers, "peer")}`;
}
