/** Lines of an export on their way into the store, a page at a time (docs/spec/export.md). */
import { counted } from "../../src/core/text/counted.ts";
import type { TransferApi } from "../../src/app/transfer-api.ts";
import { ParleyError } from "../../src/core/codec/errors.ts";
import {
  IMPORT_PAGE_LINES_COUNT,
  IMPORT_PAGE_TARGET_CHARS,
  IMPORT_UNPROVEN_MAX_COUNT,
} from "../../src/core/codec/limits.ts";
import type { ImportItem, ImportResult } from "../../src/app/transfer-api.ts";
import { readLine } from "./jsonl.ts";
import type { FileLine } from "./lines.ts";

interface Waiting {
  readonly line: number;
  readonly item: ImportItem;
}

export interface Imported {
  room: string;
  /** The room was joined for it. */
  joined: boolean;
  /** Events stored now, and those that were there. */
  added: number;
  known: number;
  overQuota: number;
  /** Lines that are not what they say. */
  damaged: number;
}

export interface ImporterOptions {
  readonly api: TransferApi;
  readonly skipDamaged: boolean;
  /** Called for each damaged line that is skipped. */
  readonly skipped: (line: number, why: string) => void;
}

/** Takes the lines of one room's export in their order. */
export class Importer {
  readonly #options: ImporterOptions;
  readonly #total: Imported = {
    room: "",
    joined: false,
    added: 0,
    known: 0,
    overQuota: 0,
    damaged: 0,
  };
  #room: { room: string; roomId: string } | undefined;
  #waiting: Waiting[] = [];
  #chars = 0;
  #events = 0;
  #certificates = 0;
  #ended = false;
  #last = 0;

  constructor(options: ImporterOptions) {
    this.#options = options;
  }

  get total(): Readonly<Imported> {
    return this.#total;
  }

  /** @throws ParleyError `bad-export`, `damaged-line` and what the store throws */
  async take({ number, text }: FileLine): Promise<void> {
    this.#last = number;
    const said = text === undefined ? "It is too long, or no UTF-8." : readLine(text);
    if (this.#room === undefined) return this.#begin(said);
    if (this.#ended) return this.#damaged(number, "It stands behind the end.");
    if (typeof said === "string") return this.#damaged(number, said);
    if (said.type === "export") return this.#damaged(number, "A second room begins.");
    if (said.type === "end") return this.#end(number, said);
    if (said.type !== "item") return;
    if ("certificate" in said.item) this.#certificates++;
    else this.#events++;
    this.#waiting.push({ line: number, item: said.item });
    this.#chars += text?.length ?? 0;
    if (this.#waiting.length >= IMPORT_PAGE_LINES_COUNT || this.#chars >= IMPORT_PAGE_TARGET_CHARS)
      await this.#flush(false);
  }

  /** Everything was taken: resolves when it is on the disk. @throws as `take` */
  async finish(): Promise<Imported> {
    if (this.#room === undefined) throw notAnExport();
    if (!this.#ended) await this.#damaged(this.#last + 1, "The file ends too early.");
    await this.#flush(true);
    for (const { line } of this.#waiting.splice(0)) {
      await this.#damaged(line, "Its signature is false, and no event behind it proves it.");
    }
    return this.#total;
  }

  #begin(said: ReturnType<typeof readLine>): void {
    if (typeof said === "string" || said.type !== "export") throw notAnExport();
    this.#room = { room: said.room, roomId: said.roomId };
    this.#total.room = said.room;
  }

  async #end(number: number, said: { events: number; certificates: number }): Promise<void> {
    this.#ended = true;
    const lost = said.events - this.#events + (said.certificates - this.#certificates);
    // A damaged line was said already, and is not missed a second time.
    if (lost > this.#total.damaged)
      await this.#damaged(number, `${counted(lost, "line")} missing.`);
  }

  async #flush(last: boolean): Promise<void> {
    if (!this.#room) return;
    const page = this.#waiting;
    this.#waiting = [];
    this.#chars = 0;
    const { skipDamaged, api } = this.#options;
    const items = page.map(({ item }) => item);
    const result = await api.importPage({ ...this.#room, items, skipDamaged, last });
    this.#add(result);
    this.#waiting = result.unproven.map((index) => page[index] as Waiting);
    for (const { index, why } of result.refused)
      await this.#damaged((page[index] as Waiting).line, why);
    // They travel again with the next page.
    const tooMany = (): boolean =>
      this.#waiting.length > IMPORT_UNPROVEN_MAX_COUNT ||
      charsOf(this.#waiting) > IMPORT_PAGE_TARGET_CHARS;
    while (tooMany()) {
      const { line } = this.#waiting.shift() as Waiting;
      await this.#damaged(line, "Its signature is false, and no event soon behind it proves it.");
    }
  }

  /** Skips a line, or ends the import there with everything before it stored. */
  async #damaged(line: number, why: string): Promise<void> {
    this.#total.damaged++;
    if (this.#options.skipDamaged) return this.#options.skipped(line, why);
    await this.#storeBefore();
    const stored = this.#total.added + this.#total.known;
    throw new ParleyError("damaged-line", `Line ${line} is damaged: ${why}`, {
      hint: `What stands before it is stored (${counted(stored, "event")}). --skip-damaged leaves damaged lines out.`,
    });
  }

  /** Stores what was read before a damaged line, and syncs it. */
  async #storeBefore(): Promise<void> {
    const items = this.#waiting.map(({ item }) => item);
    this.#waiting = [];
    const { added, known } = this.#total;
    // A file with nothing sound in it changes nothing.
    if (!this.#room || items.length + added + known === 0) return;
    const { api } = this.#options;
    this.#add(await api.importPage({ ...this.#room, items, skipDamaged: false, last: true }));
  }

  #add({ joined, added, known, overQuota }: ImportResult): void {
    this.#total.joined ||= joined;
    this.#total.added += added;
    this.#total.known += known;
    this.#total.overQuota += overQuota;
  }
}

function charsOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { item }) => sum + ("wire" in item ? item.wire.length : 0), 0);
}

function notAnExport(): ParleyError {
  return new ParleyError("bad-export", "That is no export of a room that can be imported.", {
    hint: "{parley export ROOM --format jsonl} makes one; Markdown and HTML are for readers only.",
  });
}
