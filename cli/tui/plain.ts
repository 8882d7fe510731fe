/** The client for a screen reader: plain lines as they come, one line to write in, the same commands. */
import { createInterface } from "node:readline";
import type { Client } from "./client.ts";
import { runLine } from "./commands.ts";
import type { TuiOptions } from "./index.tsx";
import { Idle } from "./idle.ts";
import { type Next, Quit } from "./quit.ts";
import { layoutItem } from "./timeline/layout.ts";

/** The screen and what was scrolled off it. */
const CLEAR_ALL = "\u001b[2J\u001b[3J\u001b[H";

/** Runs until the person leaves. */
export async function runPlain(client: Client, { stdin, stdout }: TuiOptions): Promise<Next> {
  let next: Next;
  const lines = createInterface({ input: stdin, output: stdout, prompt: "" });
  const printed = new Set<string>();
  const print = (): void => {
    for (const item of client.view.window.items) {
      // A line of the client may be said anew: that somebody is dialled, then that they answered.
      const said = item.type === "info" ? `${item.key} ${item.text}` : item.key;
      if (printed.has(said)) continue;
      printed.add(said);
      // Own lines were heard while they were typed.
      if (item.type === "message" && item.message.mine && !item.key.startsWith("outbox-")) continue;
      const text = layoutItem(item, Number.MAX_SAFE_INTEGER, []).map((line) =>
        line.map((segment) => segment.text).join(""),
      );
      stdout.write(`${client.rooms.size > 1 ? `${client.current} ` : ""}${text.join("\n")}\n`);
    }
  };
  client.onChange(print);
  print();
  const idle = new Idle(client, async () => {
    await client.api.lock();
    next = { locked: true };
    lines.close();
  });
  try {
    for await (const line of lines) {
      idle.touched();
      if (line.trim() === "") continue;
      try {
        await runLine(client, line);
      } catch (error) {
        if (error instanceof Quit) {
          next = error.next;
          break;
        }
        client.fail(error);
      }
      print();
    }
  } finally {
    idle.stop();
    lines.close();
    client.close();
  }
  // What was said stays in no scroll-back behind a lock.
  if (next && "locked" in next) stdout.write(CLEAR_ALL);
  return next;
}
