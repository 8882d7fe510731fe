/** When a profile with a passphrase locks itself: the setting `lock`, "off" or a time such as "15m". */
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const LEAST_MS = 5_000;
const MOST_MS = 24 * 3_600_000;

export const LOCK_SETTING = "lock";
export const NEVER_LOCKED = "off";

/** Time without use after which it locks; undefined: never, or not a time. */
export function lockAfterMs(setting: string | undefined): number | undefined {
  const [, count = "", unit = ""] = /^(\d{1,5})([smh])$/.exec(setting ?? "") ?? [];
  const ms = Number(count) * (UNITS_MS[unit] ?? 0);
  return ms >= LEAST_MS && ms <= MOST_MS ? ms : undefined;
}

export function isLockSetting(setting: string): boolean {
  return setting === NEVER_LOCKED || lockAfterMs(setting) !== undefined;
}
