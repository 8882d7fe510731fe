import { counted } from "../../src/core/text/counted.ts";
import { wordCommands } from "../../src/app/words.ts";
import { type Context, openSession, paint, profileFlags } from "../context.ts";
import { Progress } from "../files/progress.ts";
import { DONE, FAILED } from "../exit-status.ts";
import { withProgress } from "../node-progress.ts";
import { passphraseFrom } from "../passphrase.ts";

export interface DoctorFlags {
  readonly room?: string;
  readonly rebuild?: boolean;
  readonly repair?: boolean;
  readonly report?: boolean;
}

export async function doctor(context: Context, flags: DoctorFlags): Promise<number> {
  const { out, wording } = context;
  if (flags.repair === true) {
    const node = await context.node();
    const progress = new Progress(context, "bytes read", true);
    const unlock = { ...profileFlags(context), passphrase: passphraseFrom(context) };
    const repaired = await node.repairProfile(unlock, (done, total) =>
      progress.at(done, total && done / total),
    );
    progress.clear();
    const { events, dropped, copy } = repaired;
    const left = dropped === 0 ? "" : `, ${counted(dropped, "damaged one")} left out`;
    await out.either(
      "repaired",
      repaired,
      `Mended: ${counted(events, "whole event")}${left}. How it was lies in ${copy}`,
    );
  }
  const { api } = await openSession(context, true);
  const { room, rebuild } = flags;
  const request = {
    ...(room === undefined ? {} : { room }),
    ...(rebuild === undefined ? {} : { rebuild }),
  };
  const checks = await withProgress(context, api, () => api.doctor(request));
  if (flags.report === true) {
    const { report } = await import("../doctor-report.ts");
    const text = report(await api.status(), checks);
    await out.either("report", { text }, text);
    return DONE;
  }
  for (const check of checks) {
    const hint = check.hint === undefined ? undefined : wordCommands(check.hint, wording);
    const text = wordCommands(check.text, wording);
    const mark = check.ok === null ? "–" : check.ok ? paint("green", "✓") : paint("red", "✗");
    const lines = [
      `${mark} ${check.name}: ${text}`,
      ...(hint === undefined ? [] : [`    ${hint}`]),
    ];
    await out.either(
      "check",
      { ...check, text, ...(hint === undefined ? {} : { hint }) },
      lines.join("\n"),
    );
  }
  return checks.some(({ ok }) => ok === false) ? FAILED : DONE;
}
