/** Who is who: everybody known in the joined rooms and on the line, and what this person calls them. */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import {
  isSafetyNumber,
  readSafetyCode,
  safetyCode,
  safetyNumber,
} from "../../core/identity/safety-number.ts";
import { skeleton } from "../../core/text/confusable.ts";
import { claimedName } from "../../core/text/marks.ts";
import type { WhoisInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { PeopleApi, PersonInfo, SafetyInfo } from "../people-api.ts";
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
    context.nameOf = (author) => this.nameOf(author);
  }

  /** Somebody on the line says what they are called; what they have signed comes before it. @param author in hex */
  claim(author: string, foreign: string): void {
    this.#claims.take(author, foreign);
  }

  /** What this person sees an identity (hex) called: the petname, the newest name over all joined rooms, or the fingerprint. */
  nameOf(author: string): string {
    const { book, fingerprints, author: me, name } = this.#context;
    if (author === me) return name;
    return book.nameOf(author, this.claimed(author)) ?? fingerprints.of(author);
  }

  /** The newest name somebody has signed in any joined room; else the one they claim on the line. */
  claimed(author: string): string | undefined {
    let newest: { name: string; moment: number } | undefined;
    for (const { state } of this.#rooms.all()) {
      const name = state.names.get(author);
      if (name && (!newest || name.moment > newest.moment)) newest = name;
    }
    return newest?.name ?? this.#unsigned(author);
  }

  /** @throws ParleyError `unknown-person`, `ambiguous-person` */
  find(who: string): Person {
    return findPerson(who, this.#all());
  }

  async whois(who: string): Promise<WhoisInfo> {
    const person = this.find(who);
    const names: { room: string; name: string }[] = [];
    for (const { state } of this.#rooms.list()) {
      const name = state.names.get(person.author);
      if (name) names.push({ room: state.keys.name, name: name.name });
    }
    return {
      ...this.info(person.author),
      ...(await this.#devices(person.author)),
      names,
      me: person.author === this.#context.author,
    };
  }

  /** Shows the messages of somebody no more, or again. @throws ParleyError `ignore-self` */
  async ignore({
    who,
    on,
  }: {
    who: string;
    on: boolean;
  }): Promise<{ author: string; name: string }[]> {
    const { ignored, records, author: me } = this.#context;
    const hidden = [...ignored].map(([author, name]) => this.#person(author, name));
    const person = on ? this.find(who) : findPerson(who, hidden);
    if (person.author === me) throw new ParleyError("ignore-self", "You cannot ignore yourself.");
    await records.setIgnored(person.author, on ? person.name : null);
    if (on) ignored.set(person.author, person.name);
    else ignored.delete(person.author);
    this.#reread();
    return this.ignored();
  }

  /** Everybody known here but this person, by name. */
  list(): PersonInfo[] {
    const { author: me } = this.#context;
    const others = this.#all().filter(({ author }) => author !== me);
    others.sort((a, b) => a.name.localeCompare(b.name));
    return others.map(({ author }) => this.info(author));
  }

  info(author: string): PersonInfo {
    const { book, ignored, link } = this.#context;
    const { petname, verified, blocked } = book.of(author);
    const claimed = this.claimed(author);
    const rooms = this.#rooms.list();
    return {
      ...this.#person(author),
      ...(claimed === undefined ? {} : { claimed }),
      ...(petname === undefined ? {} : { petname }),
      ...(verified
        ? { verified: { by: verified.by, time: new Date(verified.atMs).toISOString() } }
        : {}),
      ignored: ignored.has(author),
      blocked: blocked === true,
      confusable:
        author !== this.#context.author &&
        rooms.some(({ state }) => book.confusable(author, state.names)),
      here: link.peers().some(({ peerId }) => link.authorOf(peerId) === author),
    };
  }

  /** Somebody else. @throws ParleyError `unknown-person`, `ambiguous-person`, `not-yourself` */
  other(who: string): Person {
    const person = this.find(who);
    if (person.author === this.#context.author)
      throw new ParleyError("not-yourself", "That is you.");
    return person;
  }

  /** @throws ParleyError `petname-taken`, `bad-name` */
  async setPetname({ who, petname }: { who: string; petname: string | null }): Promise<PersonInfo> {
    const { author } = this.other(who);
    const { book } = this.#context;
    const name = petname === null ? null : claimedName(petname);
    if (name === "")
      throw new ParleyError("bad-name", "A name needs at least one visible character.");
    if (name !== null && book.imitates(author, name))
      throw new ParleyError(
        "petname-taken",
        `Somebody else is called ${name} here, or much like it.`,
        {
          hint: "{parley people} lists whom you have named.",
        },
      );
    await book.change(author, ({ petname: _before, ...note }) =>
      name === null ? note : { ...note, petname: name },
    );
    return this.#changed(author);
  }

  /** Hides somebody and has nothing to do with their devices any more, or again. */
  async block({ who, on }: { who: string; on: boolean }): Promise<PersonInfo> {
    const { author } = this.other(who);
    const { book, link } = this.#context;
    await book.change(author, ({ blocked: _before, ...note }) =>
      on ? { ...note, blocked: true } : note,
    );
    link.shun(author, on);
    return this.#changed(author);
  }

  safety(who: string): SafetyInfo {
    const { author } = this.other(who);
    const { init, root } = this.#context;
    const other = fromHex(author);
    return {
      ...this.info(author),
      number: safetyNumber(init.crypto, root, other),
      code: safetyCode(init.crypto, root, other),
    };
  }

  /** @throws ParleyError `not-the-same` */
  async setVerified({
    who,
    on,
    by = "word",
    compare,
  }: Parameters<PeopleApi["setVerified"]>[0]): Promise<PersonInfo> {
    const { author } = this.other(who);
    const { book, init } = this.#context;
    const way = compare === undefined ? by : this.#compared(author, compare);
    const name = this.claimed(author) ?? "";
    const verified = { by: way, atMs: init.clock.nowMs(), name };
    await book.change(author, ({ verified: _before, ...note }) =>
      on ? { ...note, verified } : note,
    );
    return this.#changed(author);
  }

  /** How what the other side shows was compared. */
  #compared(author: string, shown: string): "number" | "code" {
    const { init, root, author: me } = this.#context;
    const code = readSafetyCode(init.crypto, shown);
    if (code && code.shower === author && code.reader === me) return "code";
    if (!code && isSafetyNumber(shown, safetyNumber(init.crypto, root, fromHex(author))))
      return "number";
    throw new ParleyError(
      "not-the-same",
      "That is not what the two of you should see. Nobody was marked.",
      {
        hint: "Somebody may stand between you, or a digit was lost: compare once more, all of it.",
      },
    );
  }

  #changed(author: string): PersonInfo {
    this.#reread();
    return this.info(author);
  }

  /** Names and what is hidden have changed wherever somebody looks. */
  #reread(): void {
    for (const room of this.#rooms.list()) this.#rooms.news.reread(room);
  }

  /** Keeps those who are blocked away. */
  open(): void {
    const { book, link } = this.#context;
    for (const author of book.authors()) if (book.isBlocked(author)) link.shun(author, true);
  }

  /** Another service of this profile has changed what is noted of people. */
  reload(): void {
    const { book, link } = this.#context;
    for (const author of link.shunned()) if (!book.isBlocked(author)) link.shun(author, false);
    this.open();
    this.#reread();
  }

  ignored(): { author: string; name: string }[] {
    return [...this.#context.ignored].map(([author, name]) => ({ author, name }));
  }

  #unsigned(author: string): string | undefined {
    const name = this.#claims.of(
      author,
      (key) =>
        key === skeleton(this.#context.name) ||
        this.#rooms.all().some(({ state }) => state.names.isTaken(key, author)),
    );
    return this.#context.book.imitates(author, name) ? undefined : name;
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
    const { author: me, link, book, ignored } = this.#context;
    const authors = new Set([me, ...book.authors(), ...ignored.keys()]);
    for (const { state } of this.#rooms.list())
      for (const author of [
        ...state.writers.keys(),
        ...(state.governed?.resolver.pair ?? []).map(toHex),
      ])
        authors.add(author);
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
