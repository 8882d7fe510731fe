/** Who is in a room right now, and the sentences of being alone there. */
import { counted } from "../../core/text/counted.ts";
import type { Peer } from "../../core/interfaces.ts";
import type { PeerInfo } from "../api.ts";
import type { Context } from "../context.ts";
import { reachOf } from "../online/address-reach.ts";
import type { ListedRoom } from "../owned-api.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { People } from "./people.ts";
import { ALONE_LOCAL_TEXT, ALONE_TEXT, stillAloneText } from "../words.ts";

/** People on the same machine or LAN are usually found within this. */
const ALONE_AFTER_MS = 1_500;
const STILL_ALONE_AFTER_MS = 15_000;
/** Changes of peers are told at most this often. */
const TELL_DELAY_MS = 20;

export class Presence {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #people: People;
  /** Room name → identities (hex) here, and what they were called when that was told. */
  readonly #here = new Map<string, ReadonlyMap<string, string>>();
  #cancelTell: (() => void) | undefined;
  #cancelAlone: (() => void)[] = [];

  /** The public rooms with an owner that connected peers carry. */
  readonly #listed: () => Promise<readonly ListedRoom[]>;

  constructor(
    context: Context,
    rooms: Rooms,
    people: People,
    listed: () => Promise<readonly ListedRoom[]>,
  ) {
    this.#context = context;
    this.#rooms = rooms;
    this.#people = people;
    this.#listed = listed;
  }

  /** Something about peers or subscriptions has changed. */
  changed(): void {
    this.#cancelTell ??= this.#context.init.timers.after(TELL_DELAY_MS, () => {
      this.#cancelTell = undefined;
      this.#tell();
    });
  }

  /** The network is up: nobody found after a while is said, with what to do. */
  begin(): void {
    const { timers } = this.#context.init;
    this.#cancelAlone = [
      timers.after(ALONE_AFTER_MS, () => this.#sayAlone(false)),
      timers.after(STILL_ALONE_AFTER_MS, () => this.#sayAlone(true)),
    ];
  }

  close(): void {
    this.#cancelTell?.();
    for (const cancel of this.#cancelAlone) cancel();
  }

  peers(): PeerInfo[] {
    return this.#context.link.peers().map((peer) => this.peer(peer));
  }

  peer(peer: Peer): PeerInfo {
    const { link, fingerprints } = this.#context;
    const author = link.authorOf(peer.peerId);
    const rooms = this.#rooms.list().filter(({ state }) => link.here(state).includes(peer.peerId));
    return {
      peerId: peer.peerId,
      author: author ?? "",
      name: author === undefined ? "" : this.#people.nameOf(author),
      fingerprint: author === undefined ? "" : fingerprints.of(author),
      how: peer.how,
      address: peer.address,
      latencyMs: peer.latencyMs ?? null,
      direction: peer.direction,
      rooms: rooms.map(({ state }) => state.keys.name),
    };
  }

  /** Identities in a room now, in hex, without the own one. */
  here(room: JoinedRoom): Set<string> {
    const { link, author } = this.#context;
    const authors = new Set<string>();
    for (const peerId of link.here(room.state)) {
      const other = link.authorOf(peerId);
      if (other !== undefined && other !== author) authors.add(other);
    }
    return authors;
  }

  #tell(): void {
    this.#context.emitter.emit({ type: "peers", peers: this.peers() });
    for (const room of this.#rooms.list()) this.#tellRoom(room);
  }

  #tellRoom(room: JoinedRoom): void {
    const { emitter, notices, link, fingerprints } = this.#context;
    const { name } = room.state.keys;
    const tell = (author: string, called: string, here: boolean): void =>
      emitter.emit({ type: "presence", room: name, author, name: called, here });
    const before = this.#here.get(name) ?? new Map<string, string>();
    const now = new Map(
      [...this.here(room)].map((author) => [author, this.#people.nameOf(author)]),
    );
    this.#here.set(name, now);
    for (const [author, called] of now) {
      const was = before.get(author);
      // Somebody may be here before it is known what they are called.
      const isNamedNow = was === fingerprints.of(author) && called !== was;
      if (was === undefined || isNamedNow) tell(author, called, true);
    }
    for (const [author, called] of before) if (!now.has(author)) tell(author, called, false);
    if (link.here(room.state).length > 0) {
      notices.clear("alone", name);
      notices.clear("still-alone", name);
    }
    if (now.size !== before.size) this.#rooms.news.changed(room);
  }

  /** Nobody is in an open room, and somebody who is connected carries one with an owner of that name: it may be the one meant. */
  async #sayOwned(room: string, text: string): Promise<void> {
    const { notices, link, init } = this.#context;
    try {
      const meant = (await this.#listed()).find(({ name, joined }) => name === room && !joined);
      const open = this.#rooms.list().find(({ state }) => state.keys.name === room);
      if (!meant || !open || !this.#rooms.isOpen(open) || link.here(open.state).length > 0) return;
      const more = `${text} There is another room ${room}, with an owner.`;
      const hint = "{parley rooms --all|/list} shows it.";
      notices.set({ level: "info", code: "alone", room, text: more, hint });
    } catch (error) {
      init.logger.debug("nobody was asked for their rooms", { error: String(error) });
    }
  }

  #sayAlone(still: boolean): void {
    const { link, notices, init } = this.#context;
    const addresses = reachOf(link.transport?.addresses() ?? []);
    for (const { state } of this.#rooms.list()) {
      if (link.here(state).length > 0) continue;
      const room = state.keys.name;
      const peers = link.peers().length;
      if (peers > 0) {
        const text = `Connected to ${counted(peers, "peer")}, but nobody else is in ${room} yet.`;
        notices.set({ level: "info", code: "alone", room, text });
        if (still) void this.#sayOwned(room, text);
      } else if (still && !init.localOnly) {
        const best = addresses.find(({ reach }) => reach !== "machine") ?? addresses[0];
        if (!best) continue;
        const port = /\/tcp\/(\d+)/.exec(best.address)?.[1] ?? "?";
        const text = stillAloneText(`UDP 5353 or TCP ${port}`, best.address);
        notices.set({ level: "info", code: "still-alone", room, text });
      } else if (!still) {
        const text = init.localOnly ? ALONE_LOCAL_TEXT : ALONE_TEXT;
        notices.set({ level: "info", code: "alone", room, text });
      }
    }
  }
}
