/** Pages of a room for a file: memory follows the page, never the room (docs/spec/export.md). */
import { toBase64 } from "../../core/codec/base64.ts";
import { equal, toHex } from "../../core/codec/bytes.ts";
import { EXPORT_PAGE_EVENTS_COUNT, EXPORT_PAGE_TARGET_BYTES } from "../../core/codec/limits.ts";
import { AuthorTable } from "../../core/log/author-table.ts";
import { msOf } from "../../core/log/clock.ts";
import { encodeEvent } from "../../core/log/event.ts";
import { boundAfter, LOWEST } from "../../core/log/order.ts";
import { pageSize } from "../../core/log/page.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import { cursorOf } from "../api.ts";
import type { Context } from "../context.ts";
import { parseCursor } from "../reading/history.ts";
import { toMessage } from "../rooms/messages.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { ExportedEvent, ExportPage } from "../transfer-api.ts";

export async function exportPage(
  context: Context,
  rooms: Rooms,
  request: { room: string; after?: string },
): Promise<ExportPage> {
  const room = rooms.get(request.room);
  const { raw: log, keys } = room.state;
  const lower = request.after === undefined ? LOWEST : boundAfter(parseCursor(request.after));
  const read = await log.read({ lower, limit: EXPORT_PAGE_EVENTS_COUNT });
  const page = firstOf(read);
  const last = page.at(-1);
  const more = page.length < read.length || read.length === EXPORT_PAGE_EVENTS_COUNT;
  return {
    room: keys.name,
    roomId: toHex(keys.roomId),
    network: context.init.networkName,
    total: log.count(),
    events: exported(rooms, room, page),
    certificates: await certificatesOf(context, page),
    ...(more && last ? { next: cursorOf({ moment: last.moment, id: toHex(last.id) }) } : {}),
  };
}

/** The first events that fit a page; at least one. */
function firstOf(events: readonly StoredEvent[]): readonly StoredEvent[] {
  let sizeBytes = 0;
  const end = events.findIndex(
    (event, at) => (sizeBytes += pageSize(event)) > EXPORT_PAGE_TARGET_BYTES && at > 0,
  );
  return end < 0 ? events : events.slice(0, end);
}

function exported(rooms: Rooms, room: JoinedRoom, events: readonly StoredEvent[]): ExportedEvent[] {
  const viewer = rooms.view.viewer();
  return events.map((event) => {
    const message = toMessage(room.state, room.state.opened(event), viewer);
    return {
      id: toHex(event.id),
      author: toHex(event.root),
      wire: toBase64(encodeEvent(event)),
      time: new Date(msOf(event.moment)).toISOString(),
      ...(message ? { kind: message.kind, name: message.name, text: message.text } : {}),
    };
  });
}

async function certificatesOf(
  { init, device }: Context,
  events: readonly StoredEvent[],
): Promise<string[]> {
  const authors = new AuthorTable<true>();
  const certificates: string[] = [];
  for (const event of events) {
    if (authors.get(event.root, event.device)) continue;
    authors.set(event.root, event.device, true);
    // The store has the own one only from the first time the network was on.
    const own = equal(event.device, device.certificate.device);
    const wire = own
      ? device.certificate.wire
      : await init.store.certificate(event.root, event.device);
    if (wire) certificates.push(toBase64(wire));
  }
  return certificates;
}
