/** Saying something about a room that has an owner: under the own rank, after having seen everything there is. */
import { toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { CUT_DEVICES_MAX_COUNT } from "../../core/codec/limits.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import { needsMerge } from "../../core/room/auth.ts";
import {
  type Control,
  type Cut,
  encodeControl,
  kindOf,
  type Rank,
} from "../../core/room/control.ts";
import type { Standing } from "../../core/room/standing.ts";
import type { Governed } from "../../core/sync/governed.ts";
import type { Context } from "../context.ts";
import type { RoomLogEntry } from "../owned-api.ts";
import { findPerson, type Person } from "../people/find-person.ts";
import { nameIn } from "../people/name-in.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { entryOf } from "./room-log.ts";

export interface OwnedRoom extends JoinedRoom {
  readonly governed: Governed;
}

export class Acting {
  readonly context: Context;
  readonly rooms: Rooms;

  constructor(context: Context, rooms: Rooms) {
    this.context = context;
    this.rooms = rooms;
  }

  /** @throws ParleyError `not-joined`, `not-owned` */
  room(name: string): OwnedRoom {
    const room = this.rooms.get(name);
    const { governed } = room.state;
    if (governed?.resolver.pair)
      throw new ParleyError("not-owned", "A conversation of two has no owner and no ranks.");
    if (governed) return { ...room, governed };
    throw new ParleyError("not-owned", `${room.state.keys.name} is an open room: nobody owns it.`, {
      hint: "{parley room create NAME|/create NAME} makes a room of your own.",
    });
  }

  standing({ governed }: OwnedRoom, root: Uint8Array = this.context.root): Standing {
    return governed.resolver.standing(root);
  }

  /** The rank to act under. */
  as(room: OwnedRoom): Rank {
    return Math.max(0, this.standing(room).rank) as Rank;
  }

  /** Signs and stores it; resolves when it is on disk and counted. */
  async say(room: OwnedRoom, control: Control): Promise<RoomLogEntry> {
    const { resolver } = room.governed;
    const { root, device } = this.context;
    const speaker = { root, device: device.certificate.device, says: [control] };
    for (let i = 0; i < MERGES_MAX_COUNT && needsMerge(resolver, speaker); i++)
      await this.#put(room, { type: "merge", as: 0 });
    // It would undo what it does not name, such as that somebody came in.
    if (control.type === "checkpoint" && needsMerge(resolver, speaker))
      throw new ParleyError(
        "not-yet",
        "More was said apart in this room than one turn brings together; a good part now is, and nothing is undone yet.",
        { hint: "{parley room checkpoint ROOM|/checkpoint yes} again goes on from there." },
      );
    const { id } = await this.#put(room, control);
    const judged = resolver.get(id);
    if (!judged) throw new ParleyError("not-counted", "That was stored, and does not count yet.");
    const entry = entryOf(this.context, room, judged);
    if (!entry.effective)
      throw new ParleyError("not-allowed", `That has no effect: ${entry.why ?? "it is void"}.`);
    return entry;
  }

  /** Up to where each device of somebody has been heard: what lies beyond is hidden. */
  async cuts({ state }: OwnedRoom, root: Uint8Array): Promise<Cut[]> {
    const chains = (await state.log.chains()).filter((it) => toHex(it.root) === toHex(root));
    return chains
      .sort((a, b) => b.tip.moment - a.tip.moment)
      .slice(0, CUT_DEVICES_MAX_COUNT)
      .map(({ device, tip }) => ({ device, seq: tip.seq, id: tip.id }));
  }

  /** Somebody in the room, or known to it. @throws ParleyError `unknown-person`, `ambiguous-person` */
  find(room: OwnedRoom, who: string): Person {
    const { state, governed } = room;
    const authors = new Set([...state.writers.keys(), ...governed.resolver.people().map(toHex)]);
    authors.add(this.context.author);
    for (const peerId of this.context.link.here(state)) {
      const author = this.context.link.authorOf(peerId);
      if (author !== undefined) authors.add(author);
    }
    const people = [...authors].map((author) => this.person(room, author));
    return findPerson(who, people);
  }

  person({ state }: OwnedRoom, author: string): Person {
    return {
      author,
      name: nameIn(this.context, state, author),
      fingerprint: this.context.fingerprints.of(author),
    };
  }

  #put({ outbox }: OwnedRoom, control: Control): Promise<StoredEvent> {
    return outbox.putContent(kindOf(control), encodeControl(control));
  }
}

/** Each brings 8 heads together; more were said apart than one person can mend at once. */
const MERGES_MAX_COUNT = 64;
