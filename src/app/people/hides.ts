/** What is hidden in open rooms by hides that this person says or follows there (docs/spec/hides.md). */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { FOLLOWED_MAX_COUNT, PREVIEW_MESSAGES_MAX_COUNT } from "../../core/codec/limits.ts";
import { encodeHide, type Hide, standingHides } from "../../core/log/hide.ts";
import { KIND_HIDE, type LogEvent } from "../../core/log/types.ts";
import type { Context } from "../context.ts";
import type { HidesApi, ModerationInfo, ModerationResult } from "../hides-api.ts";
import { isText } from "../rooms/room-state.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { People } from "./people.ts";

const NOTHING = new Uint8Array(0);
const prefixOf = (roomId: Uint8Array): string => `follow/${toHex(roomId)}/`;

export class Hides implements HidesApi {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #people: People;

  constructor(context: Context, rooms: Rooms, people: People) {
    this.#context = context;
    this.#rooms = rooms;
    this.#people = people;
  }

  /** Reads who is followed in a room that was opened, and whom they hide. */
  async load(room: JoinedRoom): Promise<void> {
    const { state } = room;
    if (state.governed) return;
    const prefix = prefixOf(state.keys.roomId);
    state.followed.add(this.#context.author);
    for (const { key } of await this.#context.init.store.listMeta(prefix))
      state.followed.add(key.slice(prefix.length));
    await this.#count(room);
  }

  /** Events have reached the disk. */
  take(room: JoinedRoom, events: readonly LogEvent[]): void {
    const { followed } = room.state;
    if (!events.some(({ kind, root }) => kind === KIND_HIDE && followed.has(toHex(root)))) return;
    this.#count(room).catch((error: unknown) => {
      this.#context.init.logger.warn("what is hidden was not read", { error: String(error) });
    });
  }

  async moderation({ room: name }: { room: string }): Promise<ModerationInfo> {
    const room = this.#open(name);
    return this.#info(room, await this.#hides(room, room.state.followed));
  }

  async moderate(request: Parameters<HidesApi["moderate"]>[0]): Promise<ModerationResult> {
    const { rule, dryRun = false } = request;
    const room = this.#open(request.room);
    const { author: subject } = this.#people.other(request.who);
    const before = await this.#hides(room, room.state.followed);
    const after = await this.#after(room, before, rule, subject);
    const changed = await this.#changed(room, before, after);
    if (dryRun) return { ...this.#info(room, before), done: false, changed };
    await this.#apply(room, rule, subject);
    await this.#count(room);
    return { ...this.#info(room, after), done: true, changed };
  }

  async #apply(room: JoinedRoom, rule: string, subject: string): Promise<void> {
    const { state, outbox } = room;
    if (rule === "hide" || rule === "unhide") {
      await outbox.putContent(KIND_HIDE, encodeHide(fromHex(subject), rule === "hide"));
      return;
    }
    const on = rule === "follow";
    if (on && !state.followed.has(subject) && state.followed.size > FOLLOWED_MAX_COUNT)
      throw new ParleyError(
        "too-many-followed",
        `In one room the hides of ${FOLLOWED_MAX_COUNT} people can be followed.`,
      );
    const key = prefixOf(state.keys.roomId) + subject;
    await this.#context.records.write([{ key, value: on ? NOTHING : null }]);
    if (on) state.followed.add(subject);
    else state.followed.delete(subject);
  }

  /** The hides that would stand. */
  async #after(
    room: JoinedRoom,
    before: readonly Hide[],
    rule: string,
    subject: string,
  ): Promise<Hide[]> {
    const by = this.#context.author;
    if (rule === "hide" || rule === "unhide") {
      const others = before.filter((hide) => hide.by !== by || hide.subject !== subject);
      return rule === "hide" ? [...others, { by, subject, on: true }] : others;
    }
    const followed = new Set(room.state.followed);
    if (rule === "follow") followed.add(subject);
    else followed.delete(subject);
    return this.#hides(room, followed);
  }

  async #hides({ state }: JoinedRoom, followed: ReadonlySet<string>): Promise<Hide[]> {
    const hides = standingHides(await state.log.statements(), followed);
    // What one writes oneself nobody else hides here.
    return hides.filter(({ subject }) => subject !== this.#context.author);
  }

  async #count(room: JoinedRoom): Promise<void> {
    const hides = await this.#hides(room, room.state.followed);
    const before = [...room.state.hidden.keys()].sort().join();
    room.state.hidden = new Map(hides.map(({ subject, by }) => [subject, by]));
    if ([...room.state.hidden.keys()].sort().join() !== before) this.#rooms.news.reread(room);
  }

  /** Whose messages are shown before and not after, or the other way round. */
  async #changed(
    { state }: JoinedRoom,
    before: readonly Hide[],
    after: readonly Hide[],
  ): Promise<ModerationResult["changed"]> {
    const [were, are] = [subjectsOf(before), subjectsOf(after)];
    const counts = new Map<string, number>();
    for (const author of [...were, ...are])
      if (were.has(author) !== are.has(author)) counts.set(author, 0);
    const events = await state.log.read({ reverse: true, limit: PREVIEW_MESSAGES_MAX_COUNT });
    for (const event of events) {
      const author = toHex(event.root);
      const count = counts.get(author);
      if (count !== undefined && isText(event)) counts.set(author, count + 1);
    }
    return [...counts].map(([author, messages]) => {
      const who = [...before, ...after].filter(({ subject }) => subject === author);
      const names = [...new Set(who.map(({ by }) => this.#name(by)))].join(", ");
      const verb = names === "you" || names.includes(",") ? "hide" : "hides";
      return { author, name: this.#name(author), messages, why: `${names} ${verb} them` };
    });
  }

  #info({ state }: JoinedRoom, hides: readonly Hide[]): ModerationInfo {
    const { author: me, fingerprints } = this.#context;
    const followed = [...state.followed].filter((author) => author !== me);
    return {
      room: state.keys.name,
      followed: followed.map((author) => ({ author, name: this.#name(author) })),
      hidden: [...subjectsOf(hides)].map((author) => ({
        author,
        name: this.#name(author),
        fingerprint: fingerprints.of(author),
        by: hides.filter(({ subject }) => subject === author).map(({ by }) => this.#name(by)),
      })),
    };
  }

  #name(author: string): string {
    return author === this.#context.author ? "you" : this.#people.nameOf(author);
  }

  /** @throws ParleyError `not-joined`, `not-open` */
  #open(name: string): JoinedRoom {
    const room = this.#rooms.get(name);
    if (!room.state.governed) return room;
    throw new ParleyError("not-open", `${room.state.keys.name} has an owner: ranks decide there.`, {
      hint: "{parley room mute ROOM WHO|/mute WHO} hides for everybody, {parley people ignore WHO|/ignore WHO} for you.",
    });
  }
}

function subjectsOf(hides: readonly Hide[]): Set<string> {
  return new Set(hides.map(({ subject }) => subject));
}
