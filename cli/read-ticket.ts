/** A ticket from the command line, or from standard input: arguments are seen by everybody on the machine. */
import { text } from "node:stream/consumers";

/** Of what stands in a file or a message only the ticket counts, from its "parley:" to the end. */
export async function readTicket(word: string): Promise<string> {
  const said = word === "-" ? await text(process.stdin) : word;
  const begin = said.toLowerCase().lastIndexOf("parley:");
  return (begin < 0 ? said : said.slice(begin)).trim();
}
