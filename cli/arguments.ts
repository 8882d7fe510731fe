/** What the definitions of commands share: their examples, and arguments that are numbers. */
import { InvalidArgumentError } from "commander";

/** The examples of a command's help; a pipe stands as it is. */
export function examples(...lines: readonly string[]): string {
  const typed = lines.map((line) => `  ${line.includes("| parley") ? line : `parley ${line}`}`);
  return `\nExamples:\n${typed.join("\n")}\n`;
}

export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0 || value > 86_400) {
    throw new InvalidArgumentError(`"${text}" is not a number of seconds.`);
  }
  return value;
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError(`"${text}" is not a whole number.`);
  return value;
}

export function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError(`"${text}" is not a port.`);
  return value;
}
