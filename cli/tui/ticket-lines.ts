/** A ticket on the screen: its QR code where that fits, the line itself, also on the clipboard, and what it is good for. */
import type { Client } from "./client.ts";
import { qrLines } from "./qr.ts";

/** What stands before a line of the client. */
const INDENT_COLUMNS = 8;

/** @param printer the command that draws the code where this window is too small */
export function sayTicket(
  client: Client,
  ticket: string,
  printer: string,
  words: readonly string[],
): void {
  const { rows, columns } = client.navigation.timeline;
  const code = client.effects ? qrLines(ticket) : [];
  const fits = code.length < rows && (code[0]?.length ?? 0) + INDENT_COLUMNS <= columns;
  if (fits && code.length > 0) client.say("info", `\n${code.join("\n")}`);
  client.say("info", ticket);
  client.effects?.copy(ticket);
  const small = fits ? "" : ` The window is too small for its QR code; ${printer} prints it.`;
  words.forEach((line, at) => client.say("info", at === words.length - 1 ? line + small : line));
}
