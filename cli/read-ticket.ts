/** A ticket from the command line, or from standard input: arguments are seen by everybody on the machine. */
import { text } from "node:stream/consumers";

export async function readTicket(word: string): Promise<string> {
  return (word === "-" ? await text(process.stdin) : word).trim();
}
