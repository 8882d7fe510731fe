/**
 * How the events of a page name others (docs/spec/page.md). In the first form a number is a distance back in the page, or 0 and the
 * whole id. In the second one it is twice a distance, or twice a distance back in the list of ids said whole, less 1, or 0 and the
 * whole id: nothing is said whole twice.
 */
import { equal } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import type { ByteReader, ByteWriter } from "../codec/varint.ts";
import { idName } from "./id-name.ts";
import type { LogEvent } from "./types.ts";

type Form = 1 | 2;

export class IdWriter {
  readonly #form: Form;
  readonly #events: readonly LogEvent[];
  readonly #writer: ByteWriter;
  /** Where each event stands; built only when some event names another. */
  #places: Map<string, number> | undefined;
  /** Which of the ids said whole each is. */
  readonly #said = new Map<string, number>();

  /** @param events those of the page */
  constructor(form: Form, events: readonly LogEvent[], writer: ByteWriter) {
    this.#form = form;
    this.#events = events;
    this.#writer = writer;
  }

  /** @param place of the event that names them */
  write(ids: readonly Uint8Array[], place: number): void {
    this.#writer.varint(ids.length);
    for (const id of ids) this.#writeId(id, place);
  }

  #writeId(id: Uint8Array, place: number): void {
    this.#places ??= new Map(this.#events.map((event, at) => [idName(event.id), at]));
    const name = idName(id);
    const at = this.#places.get(name);
    if (at !== undefined && at < place)
      return this.#writer.varint((place - at) * (this.#form === 1 ? 1 : 2));
    const said = this.#form === 1 ? undefined : this.#said.get(name);
    if (said !== undefined) return this.#writer.varint(2 * (this.#said.size - said) - 1);
    this.#said.set(name, this.#said.size);
    this.#writer.varint(0);
    this.#writer.bytes(id);
  }
}

export class IdReader {
  readonly #form: Form;
  readonly #events: readonly LogEvent[];
  readonly #reader: ByteReader;
  /** Names of the events so far, as many as were asked about; most pages never ask. */
  readonly #inPage = new Set<string>();
  #asked = 0;
  readonly #said: Uint8Array[] = [];
  readonly #names = new Set<string>();

  /** @param events those of the page, as they are read */
  constructor(form: Form, events: readonly LogEvent[], reader: ByteReader) {
    this.#form = form;
    this.#events = events;
    this.#reader = reader;
  }

  /** @throws ParleyError `bad-page` */
  read(min: number, max: number): Uint8Array[] {
    const count = this.#reader.varint();
    if (count < min || count > max) throw bad("too few or too many ids");
    // One is what most events name.
    if (count === 0) return [];
    const ids = [this.#readId()];
    while (ids.length < count) ids.push(this.#readId());
    return ids;
  }

  #readId(): Uint8Array {
    const number = this.#reader.varint();
    if (number === 0) return this.#readWhole();
    if (this.#form === 1) return this.#eventAt(number);
    if (number % 2 === 0) return this.#eventAt(number / 2);
    const id = this.#said[this.#said.length - (number + 1) / 2];
    if (id === undefined || this.#isInPage(idName(id))) throw bad("an id that was not said");
    return id;
  }

  #eventAt(distance: number): Uint8Array {
    const event = this.#events[this.#events.length - distance];
    if (event === undefined) throw bad("a distance beyond the page");
    return event.id;
  }

  #readWhole(): Uint8Array {
    const id = this.#reader.bytes(32);
    const name = idName(id);
    if (this.#isInPage(name) || this.#names.has(name))
      throw bad("a whole id for one that can be named shorter");
    if (this.#form === 1) return id;
    this.#names.add(name);
    this.#said.push(id);
    return id;
  }

  #isInPage(name: string): boolean {
    for (; this.#asked < this.#events.length; this.#asked++)
      this.#inPage.add(idName((this.#events[this.#asked] as LogEvent).id));
    return this.#inPage.has(name);
  }
}

export function sameIds(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a === b || (a.length === b.length && a.every((id, i) => equal(id, b[i] as Uint8Array)));
}

export function bad(what: string): ParleyError {
  return new ParleyError("bad-page", `Not a page: ${what}.`);
}
