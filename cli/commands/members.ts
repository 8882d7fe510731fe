import { counted } from "../../src/core/text/counted.ts";
import type { MemberInfo } from "../../src/app/api.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";

export async function members(context: Context, room: string): Promise<number> {
  const { out } = context;
  const api = await openStore(context);
  const list = await api.members({ room });
  if (out.json) {
    for (const member of list) await out.object("member", member);
    return DONE;
  }
  const nowMs = Date.now();
  for (const line of table(list.map((member) => row(member, nowMs)))) await out.line(line);
  return DONE;
}

function row(member: MemberInfo, nowMs: number): string[] {
  const marks = [
    ...(member.me ? ["you"] : []),
    ...(member.verified ? ["verified"] : []),
    ...(member.confusable ? ["a look-alike of another name"] : []),
    ...(member.equivocated ? ["two histories"] : []),
    ...(member.ignored ? ["ignored"] : []),
    ...(member.banned === true ? ["banned"] : []),
    ...(member.mutedUntil === undefined
      ? []
      : [
          member.mutedUntil === null
            ? "muted"
            : `muted until ${showTime(member.mutedUntil, nowMs)}`,
        ]),
  ];
  const rank = member.rank === undefined ? [] : [member.rank ?? "not in it"];
  return [
    member.name,
    member.fingerprint,
    ...rank,
    member.here ? "here" : "away",
    counted(member.messages, "message"),
    member.lastTime === undefined ? "" : `last ${showTime(member.lastTime, nowMs)}`,
    marks.length === 0 ? "" : `(${marks.join(", ")})`,
  ];
}
