import type { DeviceInfo } from "../../src/app/devices-api.ts";
import { afterRevoking } from "../../src/app/devices/after-revoking.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import { canAsk, type Context, openSession, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { ask } from "../prompt.ts";
import { table } from "../table.ts";
import { showTime } from "../times.ts";

const SHORT_DIGITS = 12;

export async function device(context: Context): Promise<number> {
  const { out } = context;
  const list = await (await openStore(context)).devices();
  if (out.json) {
    for (const one of list) await out.object("device", one);
    return DONE;
  }
  for (const line of table(list.map(row))) await out.line(line);
  return DONE;
}

export async function deviceName(
  context: Context,
  which: string,
  name: string | undefined,
  { clear }: { readonly clear?: boolean },
): Promise<number> {
  if ((name === undefined) !== (clear === true))
    throw new ParleyError("bad-usage", "What shall it be called?", {
      hint: "{parley device name DEVICE NAME}, or --clear",
    });
  const api = await openStore(context);
  return show(context, await api.nameDevice({ device: which, name: name ?? null }));
}

export async function deviceRevoke(
  context: Context,
  which: string,
  { yes }: { readonly yes?: boolean },
): Promise<number> {
  if (yes !== true && !(await agrees(context, which)))
    throw new ParleyError("not-confirmed", "Nothing was revoked.", {
      hint: "{parley device revoke DEVICE --yes} does not ask.",
    });
  const { api } = await openSession(context, true);
  const revoked = await api.revokeDevice({ device: which });
  await show(context, revoked);
  context.out.say(
    "Whoever hears of it refuses that device, shows nothing more of it and hands nothing on. Keep {parley} or {parley node} running until others were here.",
  );
  const left = afterRevoking(await api.netList());
  if (left) context.out.say(left);
  return DONE;
}

async function agrees(context: Context, which: string): Promise<boolean> {
  if (!canAsk(context)) return false;
  const said = await ask(`Revoke ${which} for good? (yes/no) `);
  return /^y(es)?$/i.test(said.trim());
}

async function show(context: Context, one: DeviceInfo): Promise<number> {
  await context.out.either("device", one, table([row(one)]).join("\n"));
  return DONE;
}

function row({ device: key, name, current, here, revoked, lastTime }: DeviceInfo): string[] {
  return [
    key.slice(0, SHORT_DIGITS),
    name ?? "",
    current ? "this one" : here ? "connected" : "",
    revoked ? "revoked" : "",
    lastTime === undefined ? "" : `last ${showTime(lastTime, Date.now())}`,
  ];
}
