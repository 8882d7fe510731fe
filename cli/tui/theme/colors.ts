/** Colours of the 16 that every terminal has and that can be read on dark and light. */
const NAME_COLORS = ["red", "green", "yellow", "blue", "magenta", "cyan"] as const;

/** From the identity key, so that a person keeps the colour whatever they call themselves. */
export function nameColor(author: string): string {
  return NAME_COLORS[Number.parseInt(author.slice(0, 8), 16) % NAME_COLORS.length] ?? "cyan";
}
