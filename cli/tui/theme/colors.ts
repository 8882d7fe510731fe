/** Colours of names, of the 16 that every terminal has. */
export type Theme = readonly string[];

export const DEFAULT_THEME = "default";

export const THEMES: Readonly<Record<string, Theme>> = {
  /** Can be read on dark and light. */
  [DEFAULT_THEME]: ["red", "green", "yellow", "blue", "magenta", "cyan"],
  dark: ["redBright", "greenBright", "yellowBright", "blueBright", "magentaBright", "cyanBright"],
  light: ["red", "blue", "magenta", "black"],
  mono: [],
};

/** From the identity key, so that a person keeps the colour whatever they call themselves. */
export function nameColor(author: string, theme: Theme): string | undefined {
  return theme[Number.parseInt(author.slice(0, 8), 16) % theme.length];
}
