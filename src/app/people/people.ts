/** Who is who: everybody known in the joined rooms and on the line, and what this person calls them. */
import { toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { skeleton } from "../../core/text/confusable.ts";
import type { WhoisInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { Claims } from "./claims.ts";
import { findPerson, type Person } from "./find-person.ts";

export class People {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #claims = new Claims();

  constructor(context: Context, rooms: Rooms) {
    this.#context = context;
    this.#rooms = rooms;
  }

  /** Somebody on the line says what they are called; what they have signed comes before it. @param author in hex */
  claim(author: string, foreign: string): void {
    this.#claims.take(author, foreign);
  }

  /** The newest name that an identity (hex) has signed in any joined room; else the one it claims; else its fingerprint. */
  nameOf(author: string): string {
    if (author === this.#context.author) return this.#context.name;
    let newest: { name: string; moment: number } | undefined;
    for (const { state } of this.#rooms.all()) {
      const name = state.names.get(author);
      if (name && (!newest || name.moment > newest.moment)) newest = name;
    }
    return newest?.name ?? this.#claimed(author) ?? this.#context.fingerprints.of(author);
  }

  /** @throws ParleyError `unknown-person`, `ambiguous-person` */
  find(who: string): Person {
    return findPerson(who, this.#all());
  }

  async whois(who: string): Promise<WhoisInfo> {
    const person = this.find(who);
    const { ignored, author: me } = this.#context;
    const names: { room: string; name: string }[] = [];
    for (const { state } of this.#rooms.list()) {
      const name = state.names.get(person.author);
      if (name) names.push({ room: state.keys.name, name: name.name });
    }
    return {
      ...person,
      ...(await this.#devices(person.author)),
      names,
      me: person.author === me,
      ignored: ignored.has(person.author),
    };
  }

  /** Shows the messages of somebody no more, or again. @throws ParleyError `ignore-self` */
  async ignore(who: string, on: boolean): Promise<{ author: string; name: string }[]> {
    const { ignored, records, author: me } = this.#context;
    const hidden = [...ignored].map(([author, name]) => this.#person(author, name));
    const person = on ? this.find(who) : findPerson(who, hidden);
    if (person.author === me) throw new ParleyError("ignore-self", "You cannot ignore yourself.");
    await records.setIgnored(person.author, on ? person.name : null);
    if (on) ignored.set(person.author, person.name);
    else ignored.delete(person.author);
    return this.ignored();
  }

  ignored(): { author: string; name: string }[] {
    return [...this.#context.ignored].map(([author, name]) => ({ author, name }));
  }

  #claimed(author: string): string | undefined {
    return this.#claims.of(
      author,
      (key) =>
        key === skeleton(this.#context.name) ||
        this.#rooms.all().some(({ state }) => state.names.isTaken(key, author)),
    );
  }

  /** The devices somebody has written with or is here with, and whether one of them told two histories. */
  async #devices(author: string): Promise<Pick<WhoisInfo, "devices" | "equivocated">> {
    const { link, init } = this.#context;
    const devices = new Map<string, Uint8Array>();
    let equivocated = false;
    for (const { state } of this.#rooms.list()) {
      for (const chain of await state.log.chains()) {
        if (toHex(chain.root) !== author) continue;
        devices.set(toHex(chain.device), chain.device);
        equivocated ||= chain.equivocated;
      }
    }
    const peers = link.peers();
    for (const { peerId, device } of peers)
      if (link.authorOf(peerId) === author) devices.set(toHex(device), device);
    const online = new Set(peers.map(({ device }) => toHex(device)));
    return {
      devices: [...devices].map(([device, key]) => ({
        device,
        peerId: init.peerIdOf(key),
        here: online.has(device),
      })),
      equivocated,
    };
  }

  /** Everybody known here: writers, and peers on the line. */
  #all(): Person[] {
    const { author: me, link } = this.#context;
    const authors = new Set([me]);
    for (const { state } of this.#rooms.list())
      for (const author of state.writers.keys()) authors.add(author);
    for (const { peerId } of link.peers()) {
      const author = link.authorOf(peerId);
      if (author !== undefined) authors.add(author);
    }
    return [...authors].map((author) => this.#person(author));
  }

  #person(author: string, name = this.nameOf(author)): Person {
    return { author, name, fingerprint: this.#context.fingerprints.of(author) };
  }
}
