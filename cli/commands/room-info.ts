import type { OwnedRoomInfo } from "../../src/app/owned-api.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { counted } from "../../src/core/text/counted.ts";
import { acting } from "./room-acting.ts";

export async function roomInfo(context: Context, room: string): Promise<number> {
  return show(context, await (await openStore(context)).roomDetails({ room }));
}

/** Without words it says the topic. */
export async function roomTopic(
  context: Context,
  room: string,
  words: readonly string[],
): Promise<number> {
  if (words.length > 0) {
    const topic = words.join(" ");
    return show(context, await acting(context, room, (api) => api.setTopic({ room, topic })));
  }
  const info = await (await openStore(context)).roomDetails({ room });
  await context.out.either("room", info, info.topic);
  return DONE;
}

export async function roomPolicy(
  context: Context,
  room: string,
  name: string | undefined,
  value: string | undefined,
): Promise<number> {
  if (name === undefined || value === undefined) return roomInfo(context, room);
  return show(context, await acting(context, room, (api) => api.setPolicy({ room, name, value })));
}

async function show({ out }: Context, info: OwnedRoomInfo): Promise<number> {
  if (out.json) {
    await out.object("room", info);
    return DONE;
  }
  const called = info.called === info.room ? "" : ` · called ${info.called} by its owner`;
  await out.line(`${info.room}${called}${info.topic === "" ? "" : ` · ${info.topic}`}`);
  await out.line(`id room:${info.roomId}`);
  await out.line(
    `owner ${info.owner.name} · ${info.owner.fingerprint} · you are ${info.rank ?? "not in it"}`,
  );
  if (info.private !== undefined)
    await out.line(
      info.private === "all"
        ? "private: newcomers may read what was said before"
        : "private: newcomers read what is said from then on",
    );
  const policies = Object.entries(info.policies).filter(([name]) => name !== "name");
  await out.line(
    policies.length === 0
      ? "everybody who knows of it may come in"
      : policies.map(([name, value]) => `${name} ${value}`).join(" · "),
  );
  const apart = info.aside === 0 ? "" : ` · ${counted(info.aside, "message")} hidden by ranks`;
  await out.line(
    `${counted(info.messages, "event")} · ${info.controls} about ranks, ${info.void} of them void${apart}`,
  );
  if (info.successor)
    await out.line(
      `This profile keeps the key of the successor: room successor ${info.room.slice(1)}`,
    );
  return DONE;
}
