/** The search of the terminal client: what was typed, what was found, and the way to a hit. */
import { cursorOf, type Message } from "../../src/app/api.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import type { Client } from "./client.ts";
import type { Key } from "./input/keys.ts";

/** Hits asked for at once; more when one goes on behind the last. */
const PAGE_COUNT = 50;
/** Messages read on either side of a hit. */
const SURROUNDINGS_COUNT = 100;

/** What the list of results shows. */
export interface Results {
  readonly words: string;
  /** Only in the room one is in. */
  readonly here: boolean;
  /** Newest first. */
  readonly messages: readonly Message[];
  readonly more: boolean;
  readonly chosen: number;
  /** Why there is nothing: a sentence. */
  readonly said: string;
}

export class Search {
  readonly #client: Client;
  /** Undefined while no list is open. */
  results: Results | undefined;
  /** Id of the hit one has gone to, until the next key. */
  landed: string | undefined;
  /** The last words and where, for the next time. */
  #before = { words: "", here: true };
  /** Only the answer to what was asked last counts. */
  #asked = 0;
  #asking: Promise<void> = Promise.resolve();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Opens the list; without words those of the last time. */
  open(words = this.#before.words, here = this.#before.here): void {
    // What was found before stays in sight until the answer is there.
    const messages = words.trim() === "" ? [] : (this.results?.messages ?? []);
    this.#set({ words, here, messages, more: false, chosen: 0, said: "" });
    this.#asking = this.#ask();
  }

  /** A key while the list is open. */
  handle(key: Key): void {
    const { results } = this;
    if (!results) return;
    if (key.type === "text" || key.type === "paste")
      return this.#typed(results.words + key.text.replaceAll("\n", " "));
    if (key.name === "backspace") return this.#typed([...results.words].slice(0, -1).join(""));
    if (key.ctrl && key.name === "u") return this.#typed("");
    if (key.name === "tab") return this.open(results.words, !results.here);
    if (key.name === "up" || (key.ctrl && key.name === "p")) return this.#choose(-1);
    if (key.name === "down" || (key.ctrl && (key.name === "n" || key.name === "r")))
      return this.#choose(1);
    if (key.name === "enter") return void this.#client.attempt(() => this.#enter());
    this.close();
  }

  close(): void {
    if (this.results) this.#before = { words: this.results.words, here: this.results.here };
    this.results = undefined;
  }

  /** Goes to the chosen hit of what was typed, once it is found. */
  async #enter(): Promise<void> {
    await this.#asking;
    const hit = this.results?.messages[this.results.chosen];
    if (!hit) return;
    this.close();
    await this.#goTo(hit);
  }

  /** Says the newest hits as lines, where no list can be shown. */
  async say(words: string, here: boolean): Promise<void> {
    const client = this.#client;
    const { messages, more } = await client.api.search(this.#request(words, here));
    for (const message of messages.toReversed())
      client.say("info", `${message.room} ${timeOf(message)} ${message.name}: ${message.text}`);
    if (messages.length === 0) client.say("info", "Nothing found.");
    else if (more) client.say("info", `The newest ${messages.length} of more.`);
  }

  #typed(words: string): void {
    if (this.results) this.open(words, this.results.here);
  }

  #choose(by: -1 | 1): void {
    const { results } = this;
    if (!results) return;
    const chosen = Math.max(0, Math.min(results.messages.length - 1, results.chosen + by));
    this.#set({ ...results, chosen });
    if (chosen === results.messages.length - 1 && results.more)
      this.#asking = this.#ask(results.messages);
  }

  /** The first page of what was typed, or the one behind the hits that are there. */
  async #ask(known: readonly Message[] = []): Promise<void> {
    const asked = ++this.#asked;
    const { results } = this;
    if (!results || results.words.trim() === "") return;
    const last = known.at(-1);
    try {
      const page = await this.#client.api.search({
        ...this.#request(results.words, results.here),
        ...(last ? { before: cursorOf(last) } : {}),
      });
      if (asked !== this.#asked || !this.results) return;
      const messages = [...known, ...page.messages];
      const said = messages.length === 0 ? "Nothing found." : "";
      this.#set({ ...this.results, messages, more: page.more, said });
    } catch (error) {
      if (asked !== this.#asked || !this.results) return;
      if (!isParleyError(error)) throw error;
      this.#set({ ...this.results, messages: known, more: false, said: error.message });
    }
  }

  #request(words: string, here: boolean) {
    return { words, limit: PAGE_COUNT, ...(here ? { room: this.#client.current } : {}) };
  }

  /** Shows a message among those around it. */
  async #goTo({ room, id, ...message }: Message): Promise<void> {
    const client = this.#client;
    await client.switchTo(room);
    const cursor = cursorOf({ ...message, id });
    const limit = SURROUNDINGS_COUNT;
    const [before, after, hit] = await Promise.all([
      client.api.history({ room, before: cursor, limit }),
      client.api.history({ room, after: cursor, limit }),
      client.api.message({ room, id }),
    ]);
    const { window } = client.view;
    window.surround([...before.messages, hit, ...after.messages], before.more, after.more);
    window.show(id);
    this.landed = id;
  }

  #set(results: Results): void {
    this.results = results;
    this.#client.changed();
  }
}

/** "2026-11-24 18:30", local time. */
export function timeOf({ time }: Pick<Message, "time">): string {
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
