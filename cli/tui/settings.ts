/** What /set changes: kept with the profile, read when the client opens. */
import { isLockSetting, LOCK_SETTING, lockAfterMs, NEVER_LOCKED } from "../../src/app/lock.ts";
import { DEFAULT_THEME, THEMES, type Theme } from "./theme/colors.ts";

export interface Settings {
  readonly theme: Theme;
  /** Whether comings and goings are shown. */
  readonly joins: boolean;
  /** Whether the terminal's bell rings where one is named. */
  readonly bell: boolean;
  /** Time without a key after which the client locks; undefined: never. */
  readonly lockMs: number | undefined;
}

type SettingName = "theme" | "joins" | "bell" | typeof LOCK_SETTING;

interface Setting {
  readonly values: readonly string[];
  readonly initial: string;
  readonly help: string;
  /** Where other values than those are good too. */
  readonly fits?: (value: string) => boolean;
}

const SWITCH = ["on", "off"];

export const SETTINGS: Readonly<Record<SettingName, Setting>> = {
  theme: { values: Object.keys(THEMES), initial: DEFAULT_THEME, help: "colours of names" },
  joins: { values: SWITCH, initial: "on", help: "who comes and goes" },
  bell: { values: SWITCH, initial: "off", help: "rings where you are named" },
  lock: {
    values: [NEVER_LOCKED, "5m", "15m", "1h"],
    initial: NEVER_LOCKED,
    help: "asks for the passphrase after so long without a key, or without a client",
    fits: isLockSetting,
  },
};

export function isSetting(key: string): key is SettingName {
  return Object.hasOwn(SETTINGS, key);
}

/** Whether a setting can be so. */
export function accepts(key: SettingName, value: string): boolean {
  const { values, fits } = SETTINGS[key];
  return values.includes(value) || fits?.(value) === true;
}

/** What is stored, or the initial value where nothing fitting is. */
export function valueOf(stored: Readonly<Record<string, string>>, key: SettingName): string {
  const value = stored[key];
  return value !== undefined && accepts(key, value) ? value : SETTINGS[key].initial;
}

export function readSettings(stored: Readonly<Record<string, string>>): Settings {
  return {
    theme: THEMES[valueOf(stored, "theme")] ?? [],
    joins: valueOf(stored, "joins") === "on",
    bell: valueOf(stored, "bell") === "on",
    lockMs: lockAfterMs(valueOf(stored, LOCK_SETTING)),
  };
}
