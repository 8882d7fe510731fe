/** What a person reads of the joined rooms, and up to where they have read it. */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import type { HistoryOptions, HistoryPage, Message, RoomInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { People } from "../people/people.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { FoundPage, SearchOptions } from "../search-api.ts";
import { readHistory } from "./history.ts";
import { findMessage } from "./message-lookup.ts";
import { searchRooms } from "./search.ts";

export class Reading {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #people: People;

  constructor(context: Context, rooms: Rooms, people: People) {
    this.#context = context;
    this.#rooms = rooms;
    this.#people = people;
  }

  async history(options: HistoryOptions): Promise<HistoryPage> {
    const room = this.#rooms.get(options.room);
    const from = options.from === undefined ? undefined : this.#people.find(options.from).author;
    const { events, more } = await readHistory(room.state, options, from);
    return { messages: this.#rooms.view.messages(room, events, options.names), more };
  }

  async search(options: SearchOptions): Promise<FoundPage> {
    const from = options.from && this.#people.find(options.from).author;
    return searchRooms(this.#context, this.#rooms, options, from ? fromHex(from) : undefined);
  }

  /** @throws ParleyError `unknown-message`, `bad-id`, `ambiguous-id` */
  async message(name: string, id: string): Promise<Message> {
    const room = this.#rooms.get(name);
    const event = await findMessage(room.state.log, id);
    const [message] = this.#rooms.view.messages(room, [event], true);
    if (!message)
      throw new ParleyError(
        "unknown-message",
        "That message is of a kind this version cannot show.",
      );
    return message;
  }

  async markRead(name: string): Promise<RoomInfo> {
    const room = this.#rooms.get(name);
    const { state } = room;
    const arrived = state.log.arrived();
    if (state.unread > 0 || state.read.position === null) {
      state.read = { arrived, position: state.newest };
      state.mentions = 0;
      await this.#context.records.setRead(state.keys.roomId, state.read);
      this.#rooms.news.changed(room);
    }
    return this.#rooms.view.info(room);
  }

  /** Where the unread line stands. */
  marker(name: string): { cursor: string | null; unread: number } {
    const { state } = this.#rooms.get(name);
    const { position } = state.read;
    return { cursor: position && `${position.moment}.${toHex(position.id)}`, unread: state.unread };
  }
}
