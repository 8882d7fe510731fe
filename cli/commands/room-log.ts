import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";

export async function roomLog(context: Context, room: string): Promise<number> {
  const { out } = context;
  const entries = await (await openStore(context)).roomLog({ room });
  if (out.json) {
    for (const entry of entries) await out.object("control", entry);
    return DONE;
  }
  const nowMs = Date.now();
  const rows = entries.map(({ time, name, fingerprint, text, effective, why }) => [
    showTime(time, nowMs),
    effective ? "✓" : "✗",
    `${name} · ${fingerprint}`,
    effective ? text : `${text} (void: ${why ?? "no reason"})`,
  ]);
  for (const line of table(rows)) await out.line(line);
  return DONE;
}
