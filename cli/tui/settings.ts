/** What /set changes: kept with the profile, read when the client opens. */
import { DEFAULT_THEME, THEMES, type Theme } from "./theme/colors.ts";

export interface Settings {
  readonly theme: Theme;
  /** Whether comings and goings are shown. */
  readonly joins: boolean;
  /** Whether the terminal's bell rings where one is named. */
  readonly bell: boolean;
}

interface Setting {
  readonly values: readonly string[];
  readonly initial: string;
  readonly help: string;
}

const SWITCH = ["on", "off"];

export const SETTINGS: Readonly<Record<keyof Settings, Setting>> = {
  theme: { values: Object.keys(THEMES), initial: DEFAULT_THEME, help: "colours of names" },
  joins: { values: SWITCH, initial: "on", help: "who comes and goes" },
  bell: { values: SWITCH, initial: "off", help: "rings where you are named" },
};

export function isSetting(key: string): key is keyof Settings {
  return Object.hasOwn(SETTINGS, key);
}

/** What is stored, or the initial value where nothing fitting is. */
export function valueOf(stored: Readonly<Record<string, string>>, key: keyof Settings): string {
  const { values, initial } = SETTINGS[key];
  const value = stored[key];
  return value !== undefined && values.includes(value) ? value : initial;
}

export function readSettings(stored: Readonly<Record<string, string>>): Settings {
  return {
    theme: THEMES[valueOf(stored, "theme")] ?? [],
    joins: valueOf(stored, "joins") === "on",
    bell: valueOf(stored, "bell") === "on",
  };
}
