/** Who is in a room right now, and the sentences of being alone there. */
import type { Peer } from "../core/interfaces.ts";
import type { AddressInfo, PeerInfo } from "./api.ts";
import type { Context } from "./context.ts";
import type { JoinedRoom, Rooms } from "./rooms.ts";
import { ALONE_LOCAL_TEXT, ALONE_TEXT, stillAloneText } from "./words.ts";

/** People on the same machine or LAN are usually found within this. */
const ALONE_AFTER_MS = 1_500;
const STILL_ALONE_AFTER_MS = 15_000;
/** Changes of peers are told at most this often. */
const TELL_DELAY_MS = 20;

export class Presence {
  readonly #context: Context;
  readonly #rooms: Rooms;
  /** Room name → identities (hex) here. */
  readonly #here = new Map<string, Set<string>>();
  #cancelTell: (() => void) | undefined;
  #cancelAlone: (() => void)[] = [];

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
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
      name: author === undefined ? "" : this.nameOf(author),
      fingerprint: author === undefined ? "" : fingerprints.of(author),
      how: peer.how,
      address: peer.address,
      latencyMs: peer.latencyMs ?? null,
      direction: peer.direction,
      rooms: rooms.map(({ state }) => state.keys.name),
    };
  }

  /** The newest name of an identity over all joined rooms, or its fingerprint. */
  nameOf(author: string): string {
    if (author === this.#context.author) return this.#context.name;
    let newest: { name: string; moment: number } | undefined;
    for (const { state } of this.#rooms.all()) {
      const name = state.names.get(author);
      if (name && (!newest || name.moment > newest.moment)) newest = name;
    }
    return newest?.name ?? this.#context.fingerprints.of(author);
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
    const { emitter, notices } = this.#context;
    emitter.emit({ type: "peers", peers: this.peers() });
    for (const room of this.#rooms.list()) {
      const { name } = room.state.keys;
      const before = this.#here.get(name) ?? new Set<string>();
      const now = this.here(room);
      this.#here.set(name, now);
      for (const author of now) if (!before.has(author)) this.#tellOne(name, author, true);
      for (const author of before) if (!now.has(author)) this.#tellOne(name, author, false);
      if (this.#context.link.here(room.state).length > 0) {
        notices.clear("alone", name);
        notices.clear("still-alone", name);
      }
      if (now.size !== before.size) this.#rooms.changed(room);
    }
  }

  #tellOne(room: string, author: string, here: boolean): void {
    this.#context.emitter.emit({ type: "presence", room, author, name: this.nameOf(author), here });
  }

  #sayAlone(still: boolean): void {
    const { link, notices, init } = this.#context;
    const addresses = reachOf(link.transport?.addresses() ?? []);
    for (const { state } of this.#rooms.list()) {
      if (link.here(state).length > 0) continue;
      const room = state.keys.name;
      const peers = link.peers().length;
      if (peers > 0) {
        const text = `Connected to ${peers} ${peers === 1 ? "peer" : "peers"}, but nobody else is in ${room} yet.`;
        notices.set({ level: "info", code: "alone", room, text });
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

/** Who can use each address, from its first part alone. */
export function reachOf(addresses: readonly string[]): AddressInfo[] {
  return addresses.map((address) => ({ address, reach: reach(address) }));
}

function reach(address: string): AddressInfo["reach"] {
  const [, family, host = ""] = address.split("/");
  if (family === "ip4") {
    if (host.startsWith("127.")) return "machine";
    const isPrivate =
      /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
    return isPrivate.test(host) ? "lan" : "internet";
  }
  if (family === "ip6") {
    if (host === "::1") return "machine";
    return /^(fe[89ab]|f[cd])/i.test(host) ? "lan" : "internet";
  }
  return "internet";
}
