/** What the node tells, taken into what the client shows. */
import type { AppEvent, Message, Notice } from "../../src/app/api.ts";
import type { Client } from "./client.ts";
import { isReread } from "./older.ts";
import { closed, interrupted, resumed } from "./outage.ts";
import { tellControl } from "./owned-commands.ts";
import { spoke } from "./reading.ts";
import { asItCame } from "./timeline/late.ts";

type Told<Type extends AppEvent["type"]> = Extract<AppEvent, { type: Type }>;

export function take(client: Client, event: AppEvent): void {
  switch (event.type) {
    case "message":
      takeMessage(client, event.message);
      break;
    case "delivery":
      takeDelivery(client, event);
      break;
    case "room":
      client.adopt(event.room);
      break;
    case "left":
      client.left(event.room);
      break;
    case "peers":
      client.peers = event.peers;
      break;
    case "name":
      takeName(client, event);
      break;
    case "presence":
      takePresence(client, event);
      break;
    case "control":
      tellControl(client, event.entry);
      break;
    case "notice":
      takeNotice(client, event.notice);
      break;
    case "resolved":
      if (event.room !== undefined)
        client.rooms.get(event.room)?.window.removeInfo(`notice-${event.code}`);
      break;
    case "progress":
      client.progress =
        event.done < event.total ? `${event.task} ${event.done}/${event.total}` : undefined;
      break;
    case "me":
      client.identity = event.identity;
      break;
    case "reread":
      takeReread(client, event);
      break;
    case "interrupted":
      interrupted(client);
      break;
    case "resumed":
      void client.attempt(() => resumed(client));
      break;
    case "closed":
      closed(client, event.reason);
      break;
  }
  client.changed();
}

export function takeNotice(client: Client, { level, code, text, hint, room }: Notice): void {
  const sentence = [text, hint].filter(Boolean).join(" ");
  client.say(level, sentence, `notice-${code}`, room ?? client.current);
}

function takeMessage(client: Client, message: Message): void {
  const view = client.rooms.get(message.room);
  if (!view) return;
  spoke(view, message);
  if (message.mention && !message.ignored && client.settings.bell) client.effects?.bell();
  if (!view.loaded) return;
  view.window.put(asItCame(message, client.nowMs()));
  if (message.room === client.current && view.window.atBottom && !message.mine)
    void client.reading.read(view);
}

function takeDelivery(client: Client, { room, id, was, state, heldBy }: Told<"delivery">): void {
  const window = client.rooms.get(room)?.window;
  if (was !== undefined)
    void client.attempt(async () => window?.put(await client.api.message({ room, id }), was));
  window?.change(id, (message) => ({ ...message, state, heldBy }));
}

function takeName(client: Client, { room, author, name, before }: Told<"name">): void {
  const window = client.rooms.get(room)?.window;
  window?.redraw((message) => (message.author === author ? { ...message, name } : message));
  // Somebody who came before their name was known.
  const came = window?.items.find(({ key }) => key === `presence-${author}`);
  const said = came?.type === "info" ? came.text : "";
  if (said.endsWith(" is here") && said !== `${name} is here`)
    takePresence(client, { room, author, name, here: true });
  if (before !== undefined) client.say("info", `${before} is now called ${name}`, undefined, room);
}

/** Comings and goings of one person are folded into one line that says how it stands now. */
function takePresence(
  client: Client,
  { room, author, name, here }: Omit<Told<"presence">, "type">,
): void {
  const view = client.rooms.get(room);
  if (!view) return;
  const key = `presence-${author}`;
  view.window.removeInfo(key);
  if (client.settings.joins)
    client.say("info", here ? `${name} is here` : `${name} has gone`, key, room);
  // Of whoever has spoken here, the messages say what they are called.
  const { moment = 0 } = view.speakers.get(author) ?? {};
  if (here && moment === 0) view.speakers.set(author, { name, moment });
}

function takeReread(client: Client, { room }: Told<"reread">): void {
  const view = client.rooms.get(room);
  if (view && isReread(view, client.nowMs()) && room === client.current)
    void client.attempt(() => client.reading.load(room));
}
