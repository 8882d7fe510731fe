/**
 * Conversations of two people: private rooms whose id both find by themselves, and the asking of who is not known at the other
 * end (docs/spec/direct-messages.md).
 */
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { DIRECT_TIMEOUT_MS } from "../../core/codec/limits.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { readContent } from "../../core/log/content.ts";
import type { LogEvent } from "../../core/log/types.ts";
import { MAIL_PROTOCOL } from "../../core/network/mail.ts";
import {
  decodeDirectAnswer,
  decodeDirectAsk,
  DIRECT_PROTOCOL,
  type DirectAnswer,
  encodeDirectAnswer,
  encodeDirectAsk,
} from "../../core/room/direct.ts";
import type { RoomInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { DirectApi, DirectRequest } from "../direct-api.ts";
import { findPerson, type Person } from "../people/find-person.ts";
import type { People } from "../people/people.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { isText } from "../rooms/room-state.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { SendRequest } from "../rooms/sending.ts";
import { MailBox } from "./mail.ts";
import { cut, RequestBox } from "./requests.ts";

/** Where the first own text of a conversation is looked for. */
const FIRST_EVENTS_COUNT = 256;

export class DirectMessages implements DirectApi {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #people: People;
  readonly #box: RequestBox;
  readonly #mail: MailBox;
  /** Protocols beside sync, and who answers them. */
  readonly served: readonly [string, (stream: FrameStream) => Promise<void>][];

  constructor(context: Context, rooms: Rooms, people: People) {
    this.#context = context;
    this.#rooms = rooms;
    this.#people = people;
    const { store, privateNetwork, networkName } = context.init;
    this.#box = new RequestBox(store, privateNetwork?.scope ?? networkName);
    this.#mail = new MailBox(context, rooms, {
      firstText: (room) => this.#firstText(room),
      asked: async (author, text, name) =>
        (await this.#asked(author, text, name)) === 0 ? this.#of(author) : undefined,
    });
    this.served = [
      [DIRECT_PROTOCOL, (stream) => this.answer(stream)],
      [MAIL_PROTOCOL, (stream) => this.#mail.answer(stream)],
    ];
    rooms.direct = (who) => this.#find(who);
  }

  async open(): Promise<void> {
    await this.#box.open();
    await this.tidy();
    await this.#mail.open();
  }

  /** The conversation with somebody, opened where there is none yet. @throws ParleyError `unknown-person`, `ambiguous-person`, `not-yourself`, `not-allowed` */
  async begin(who: string): Promise<JoinedRoom> {
    const { author, name } = this.#people.other(who);
    if (this.#context.book.isBlocked(author))
      throw new ParleyError("not-allowed", `You have blocked ${name}.`, {
        hint: "{parley people unblock NAME|/block -NAME} first.",
      });
    return this.#of(author) ?? this.opened(author);
  }

  /** Somebody may be blocked or ignored since: their request takes no place. */
  async tidy(): Promise<void> {
    const { book, ignored } = this.#context;
    for (const author of this.#box.list().keys())
      if (book.isBlocked(author) || ignored.has(author)) await this.#answered(author, false);
  }

  async directRequests(): Promise<DirectRequest[]> {
    return [...this.#box.list()].map(([author, { text, atMs }]) => ({
      ...this.#person(author),
      text,
      time: new Date(atMs).toISOString(),
    }));
  }

  async acceptDirect({ who }: { who: string }): Promise<RoomInfo> {
    const room = await this.opened(this.#asker(who));
    this.#mail.askAll();
    return this.#rooms.view.info(room);
  }

  async refuseDirect({ who }: { who: string }): Promise<DirectRequest[]> {
    await this.#answered(this.#asker(who), true);
    return this.directRequests();
  }

  async #answered(author: string, refused: boolean): Promise<void> {
    await this.#box.take(author, refused, this.#context.init.clock.nowMs());
    this.#context.notices.clear("requests-full");
  }

  /** Somebody was met, or something was written: where the other end may not know of the conversation, it is asked. */
  greeted({ peerId, device }: Pick<Peer, "peerId" | "device">): void {
    const author = this.#context.link.authorOf(peerId);
    this.#mail.greeted({ peerId, device });
    if (author === undefined || author === this.#context.author) return;
    const room = this.#of(author);
    if (!room || this.#context.link.here(room.state).includes(peerId)) return;
    if (this.#context.revocations.isRevoked(author, toHex(device))) return;
    this.#ask(room, author, peerId).catch((error: unknown) => {
      this.#context.init.logger.debug("a conversation was not asked for", { error: String(error) });
    });
  }

  /** Opens the conversation with somebody, such as "@ana". */
  async enter(who: string): Promise<RoomInfo> {
    return this.#rooms.view.info(await this.begin(who));
  }

  /**
   * Sends, in a conversation that is opened where there is none yet. Who waits for a holder waits for the answer of the other,
   * so they are asked as soon as the text is on disk.
   */
  async send<T>(request: SendRequest, send: (request: SendRequest) => Promise<T>): Promise<T> {
    if (!request.room.startsWith("@")) return send(request);
    const room = await this.begin(request.room);
    const { name } = room.state.keys;
    const unsubscribe = this.#context.emitter.subscribe((event) => {
      const own = event.type === "delivery" ? event : event.type === "message" && event.message;
      if (own && own.room === name) this.#wrote(room);
    });
    try {
      return await send({ ...request, room: name });
    } finally {
      unsubscribe();
      // What is sent without waiting is told of only after it was answered.
      this.#wrote(room);
    }
  }

  /** Events of others have reached the disk. Where the other one is in the conversation, nothing waits any more. */
  heard({ state }: JoinedRoom, events: readonly LogEvent[]): void {
    this.#mail.heard(events);
    if (!state.governed?.resolver.pair) return;
    for (const code of ["direct-waits", "direct-carried"])
      this.#context.notices.clear(code, state.keys.name);
  }

  #wrote({ state }: JoinedRoom): void {
    const { pair } = state.governed?.resolver ?? {};
    const other = pair?.find((it) => !equal(it, this.#context.root));
    if (!other) return;
    this.#mail.wrote();
    const { link } = this.#context;
    for (const peer of link.peers())
      if (link.authorOf(peer.peerId) === toHex(other)) this.greeted(peer);
  }

  async answer(stream: FrameStream): Promise<void> {
    const { link, book, revocations, author: me } = this.#context;
    const author = link.authorOf(stream.peerId);
    const refused = author === undefined || author === me || book.isBlocked(author);
    if (refused || revocations.isRevoked(author, toHex(stream.device)))
      return stream.abort("not now");
    await this.#within(stream, async () => {
      for await (const frame of stream.frames()) {
        const answer = await this.#asked(author, decodeDirectAsk(frame));
        await stream.send(encodeDirectAnswer(answer));
        break;
      }
    });
  }

  /** @param claimed what they call themselves, where nothing is known of them */
  async #asked(author: string, text: string, claimed = ""): Promise<DirectAnswer> {
    const { book, ignored, init, notices } = this.#context;
    if (this.#of(author)) return 0;
    if (ignored.has(author) || this.#box.isRefused(author)) return 1;
    const { petname, verified } = book.of(author);
    if (petname !== undefined || verified) {
      await this.opened(author);
      return 0;
    }
    const seen = this.#context.nameOf(author);
    const name = seen === this.#context.fingerprints.of(author) && claimed !== "" ? claimed : seen;
    const put = await this.#box.put(author, name, text, init.clock.nowMs());
    const { fingerprint, name: called } = this.#person(author);
    if (put === "new")
      notices.say({
        level: "info",
        code: "direct-request",
        text: `${called} · ${fingerprint} wants to talk with you: “${this.#box.list().get(author)?.text ?? ""}”`,
        hint: `{/requests} shows what to do: accept, refuse or block.`,
      });
    if (put === "full")
      notices.set({
        level: "warn",
        code: "requests-full",
        text: "More people want to talk with you than are kept waiting; the next ones are turned away.",
        hint: "{/requests} shows them: accept, refuse or block.",
      });
    return put === "full" ? 2 : 1;
  }

  async #ask(room: JoinedRoom, author: string, peerId: string): Promise<void> {
    const { link, notices } = this.#context;
    const text = await this.#firstText(room);
    if (text === undefined || !link.transport) return;
    const stream = await link.transport.open(peerId, DIRECT_PROTOCOL);
    await this.#within(stream, async () => {
      await stream.send(encodeDirectAsk(text));
      for await (const frame of stream.frames()) {
        const answer = decodeDirectAnswer(frame);
        const { name } = room.state.keys;
        const who = this.#context.nameOf(author);
        if (answer === 0) notices.clear("direct-waits", name);
        else
          notices.set({
            level: answer === 1 ? "info" : "warn",
            code: "direct-waits",
            room: name,
            text:
              answer === 1
                ? `${who} does not know you here and has to accept first. What you write waits on this device until then.`
                : `${who} has too many requests waiting. What you write waits on this device, and is offered again when you meet next.`,
          });
        break;
      }
    });
  }

  async #firstText({ state }: JoinedRoom): Promise<string | undefined> {
    const events = await state.log.read({ limit: FIRST_EVENTS_COUNT });
    const first = events.find((it) => isText(it) && equal(it.root, this.#context.root));
    const text = first && readContent(first)?.text;
    return text === undefined ? undefined : cut(text);
  }

  /** Opens the conversation with an identity in hex: nothing is asked of them any more. @throws ParleyError `too-many-rooms` */
  async opened(author: string): Promise<JoinedRoom> {
    const room = await this.#rooms.joinDirect(fromHex(author));
    await this.#answered(author, false);
    this.#rooms.arrivals.onGoverned(room);
    return room;
  }

  /** The open conversation that a word such as "@ana" names. @throws ParleyError `unknown-person`, `ambiguous-person` */
  #find(who: string): JoinedRoom | undefined {
    return this.#of(this.#people.find(who).author);
  }

  #of(author: string): JoinedRoom | undefined {
    const root = fromHex(author);
    return this.#rooms
      .list()
      .find(
        ({ state }) =>
          author !== this.#context.author &&
          state.governed?.resolver.pair?.some((it) => equal(it, root)),
      );
  }

  #asker(who: string): string {
    return findPerson(
      who,
      [...this.#box.list().keys()].map((it) => this.#person(it)),
    ).author;
  }

  #person(author: string): Person {
    const fingerprint = this.#context.fingerprints.of(author);
    const seen = this.#context.nameOf(author);
    const name = seen === fingerprint ? (this.#box.list().get(author)?.name ?? seen) : seen;
    return { author, name, fingerprint };
  }

  async #within(stream: FrameStream, work: () => Promise<void>): Promise<void> {
    const cancel = this.#context.init.timers.after(DIRECT_TIMEOUT_MS, () =>
      stream.abort("too late"),
    );
    try {
      await work();
    } finally {
      cancel();
      await stream.close();
    }
  }
}
