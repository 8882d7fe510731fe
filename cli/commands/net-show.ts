import { counted } from "../../src/core/text/counted.ts";
import type { MadeTicket, NetworkMember } from "../../src/app/networks/api.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";

const ID_SHOWN_DIGITS = 8;

export async function netShow(context: Context, name: string | undefined): Promise<number> {
  const { out } = context;
  const details = await (await openStore(context)).netShow(name === undefined ? {} : { name });
  if (out.json) {
    await out.object("network", details);
    return DONE;
  }
  const { memberList, tickets, secrets, networkId, outerKey, nextOuter } = details;
  await out.line(`${details.name} · private · ${counted(memberList.length, "member")}`);
  await out.line(`id ${networkId}`);
  const [newest, ...older] = secrets;
  const ends = older.map(({ generation, closes }) =>
    closes === undefined ? "" : ` · ${generation} is good until ${showTime(closes, Date.now())}`,
  );
  await out.line(`secret ${newest?.generation ?? "none"}${ends.join("")} · outer key ${outerKey}`);
  if (nextOuter) {
    const from = showTime(nextOuter.from, Date.now());
    await out.line(`outer key ${nextOuter.outerKey} from ${from} on; older tickets end then`);
  }
  for (const line of table(memberList.map(memberRow))) await out.line(line);
  for (const line of table(tickets.map(ticketRow))) await out.line(line);
  return DONE;
}

function memberRow(member: NetworkMember): string[] {
  return [
    member.here || member.me ? "●" : "○",
    member.name === member.fingerprint ? "(no name yet)" : member.name,
    member.fingerprint,
    member.role,
    member.inviter === undefined ? "" : `let in by ${member.inviter}`,
  ];
}

function ticketRow({ ticketId, role, expires, uses, used, state }: MadeTicket): string[] {
  return [
    `ticket ${ticketId.slice(0, ID_SHOWN_DIGITS)}`,
    state,
    role,
    `${used} of ${uses} used`,
    `until ${showTime(expires, Date.now())}`,
  ];
}
