/** A message as one entry of text: what line mode, `tail` and `history` print. */
import { VERIFIED_MARK } from "../src/core/text/marks.ts";
import type { Message } from "../src/app/api.ts";
import { paint } from "./context.ts";
import { showTime } from "./times.ts";

/** Colours that can be read on dark and light terminals. */
const NAME_COLORS = ["red", "green", "yellow", "blue", "magenta", "cyan"] as const;

/** "18:30 ana: hello"; further lines of the text are indented. `withRoom` begins it with the room. */
export function messageLine(message: Message, nowMs: number, withRoom = false): string {
  const name = paint(nameColor(message.author), nameOf(message));
  const said = {
    text: `${name}: ${message.text}`,
    action: `* ${name} ${message.text}`,
    name: `${paint("dim", "—")} ${name} is now called ${message.text}`,
  }[message.kind];
  const place = withRoom ? `${message.room} ` : "";
  const time = paint("dim", showTime(message.time, nowMs));
  return `${place}${time} ${said.replaceAll("\n", "\n      ")}${marks(message)}`;
}

/** The name, with the fingerprint where another name looks like it. */
function nameOf(message: Message): string {
  if (message.confusable) return `${message.name} · ${message.fingerprint}`;
  return message.verified ? `${message.name} ${VERIFIED_MARK}` : message.name;
}

function marks(message: Message): string {
  const said = [
    ...(message.equivocated ? ["two histories"] : []),
    ...(message.clock === "ahead" ? ["clock ahead"] : []),
    ...(message.state === "pending" ? ["pending"] : []),
  ];
  return said.length === 0 ? "" : paint("dim", ` (${said.join(", ")})`);
}

/** From the key, so that a person keeps the colour whatever they call themselves. */
function nameColor(author: string): (typeof NAME_COLORS)[number] {
  return NAME_COLORS[Number.parseInt(author.slice(0, 8), 16) % NAME_COLORS.length] ?? "cyan";
}
