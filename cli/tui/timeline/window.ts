/**
 * A room's timeline in memory: a bounded window of messages, and where the person looks. Scrolling is anchored to a message, so
 * neither a resize nor what arrives moves what one reads.
 */
import type { Message, Notice } from "../../../src/app/api.ts";
import { cursorOf } from "../../../src/app/api.ts";
import type { Theme } from "../theme/colors.ts";
import { dayLine, layoutItem, type Line, unreadLine } from "./layout.ts";

/** Messages kept in memory of one room. */
export const WINDOW_MAX_COUNT = 2_000;
/** Lines below what one goes to. */
const CONTEXT_LINES = 4;

export type Item =
  | {
      readonly type: "message";
      readonly key: string;
      readonly order: number;
      readonly message: Message;
    }
  | {
      readonly type: "info";
      readonly key: string;
      readonly order: number;
      readonly level: Notice["level"];
      readonly text: string;
      readonly timeMs: number;
    };

/** The bottom line on the screen: line `line` of item `key`. */
interface Anchor {
  readonly key: string;
  readonly line: number;
}

/** Line `line` of the item at `at`. */
interface Place {
  readonly at: number;
  readonly line: number;
}

export interface VisibleLine {
  readonly key: string;
  readonly line: Line;
  /** The message it belongs to, for picking. */
  readonly item: Item | undefined;
}

export class Window {
  #items: Item[] = [];
  #anchor: Anchor | undefined;
  #layouts = new Map<string, Line[]>();
  #width = 0;
  #theme: Theme = [];
  /** Older messages are in the store. */
  moreBefore = true;
  /** Newer messages are in the store and not in the window. */
  moreAfter = false;
  /** Messages that arrived below what is on the screen. */
  newBelow = 0;
  /** Cursor of the newest message read before; the unread line stands behind it. */
  unreadAfter: string | undefined;

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.redraw();
  }

  get atBottom(): boolean {
    return this.#anchor === undefined && !this.moreAfter;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  get messages(): Message[] {
    return this.#items.flatMap((item) => (item.type === "message" ? [item.message] : []));
  }

  /** Adds or replaces a message. @param was the id it had while it waited unsigned */
  put(message: Message, was?: string): void {
    const old = this.#items.findIndex(({ key }) => key === message.id || key === was);
    if (old >= 0) this.#items.splice(old, 1);
    this.#layouts.delete(message.id);
    if (this.moreAfter && old < 0) {
      this.newBelow++;
      return;
    }
    this.#insert({ type: "message", key: message.id, order: message.moment, message });
    if (this.#anchor && old < 0 && !message.mine) this.newBelow++;
    this.#trim();
  }

  /** Changes a message that is there. */
  change(id: string, change: (message: Message) => Message): void {
    const at = this.#items.findIndex(({ key }) => key === id);
    const item = this.#items[at];
    if (item?.type !== "message") return;
    this.#items[at] = { ...item, message: change(item.message) };
    this.#layouts.delete(id);
  }

  /** Forgets how everything looked, after names or ignores have changed. */
  redraw(change?: (message: Message) => Message): void {
    if (change) for (const { key } of this.#items) this.change(key, change);
    this.#layouts.clear();
  }

  /** Adds a line of the client itself, or says it anew. */
  info(level: Notice["level"], text: string, timeMs: number, order: number, key: string): void {
    // What stood there may have been drawn.
    this.#layouts.delete(key);
    // Whoever reads further up and asks for something is told that the answer is below; who comes and goes is no answer.
    const isNew = !key.startsWith("presence-") && this.#items.every((item) => item.key !== key);
    if (this.#anchor && isNew) this.newBelow++;
    this.#insert({ type: "info", key, order, level, text, timeMs });
    this.#trim();
  }

  removeInfo(key: string): void {
    this.#items = this.#items.filter((item) => item.key !== key);
    this.#layouts.delete(key);
  }

  /** Puts older messages in front. */
  prepend(messages: readonly Message[], more: boolean): void {
    this.moreBefore = more;
    for (const message of messages)
      this.#insert({ type: "message", key: message.id, order: message.moment, message });
    if (this.#items.length > WINDOW_MAX_COUNT && this.#anchor) {
      // Whoever scrolls far up leaves the newest behind; they are read again on the way down.
      this.#items.splice(WINDOW_MAX_COUNT);
      this.moreAfter = true;
    }
  }

  /** Puts newer messages behind. */
  append(messages: readonly Message[], more: boolean): void {
    this.moreAfter = more;
    for (const message of messages)
      this.#insert({ type: "message", key: message.id, order: message.moment, message });
    const over = this.#items.length - WINDOW_MAX_COUNT;
    if (over > 0) {
      this.#items.splice(0, over);
      this.moreBefore = true;
    }
  }

  /** Begins anew with a page of the newest. */
  reset(messages: readonly Message[], moreBefore: boolean): void {
    const infos = this.#items.filter(({ type }) => type === "info");
    this.#items = infos;
    this.#layouts.clear();
    this.moreAfter = false;
    this.#anchor = undefined;
    this.newBelow = 0;
    this.prepend(messages, moreBefore);
  }

  /** Begins anew with messages from somewhere in the history. */
  surround(messages: readonly Message[], moreBefore: boolean, moreAfter: boolean): void {
    this.reset(messages, moreBefore);
    this.moreAfter = moreAfter;
  }

  clear(): void {
    this.#items = [];
    this.#layouts.clear();
    this.#anchor = undefined;
    this.moreBefore = false;
  }

  /** Cursors of the first and last stored message of the window. */
  get ends(): { first: string | undefined; last: string | undefined } {
    const stored = this.#items.filter(
      (item) => item.type === "message" && !item.key.startsWith("outbox-"),
    );
    const cursor = (item: Item | undefined) =>
      item?.type === "message" ? cursorOf(item.message) : undefined;
    return { first: cursor(stored[0]), last: cursor(stored.at(-1)) };
  }

  toBottom(): void {
    this.#anchor = undefined;
    this.newBelow = 0;
  }

  /** Puts an item near the bottom of the screen, a few lines of what follows below it. */
  show(key: string): void {
    const last = this.#last;
    let at = this.#items.findIndex((item) => item.key === key);
    if (at < 0) return;
    let line = this.#linesAt(at).length - 1;
    // Lines, not items: what follows may fill the screen alone.
    for (let left = CONTEXT_LINES; left > 0 && at < last;) {
      const own = this.#linesAt(++at).length;
      line = Math.min(own, left) - 1;
      left -= line + 1;
    }
    const atEnd = at === last && line === this.#linesAt(at).length - 1;
    if (atEnd && !this.moreAfter) return this.toBottom();
    this.#anchor = { key: (this.#items[at] as Item).key, line };
  }

  /**
   * Scrolls by lines: positive is up. Returns whether the top of the window was reached. Looks at the lines it passes and those
   * of one screen, however many there are.
   */
  scroll(by: number, rows: number, width: number): { top: boolean; bottom: boolean } {
    this.#setWidth(width);
    const bottom = this.#bottom;
    if (!bottom) return { top: true, bottom: true };
    let target = this.#walk(bottom, by);
    const above = this.#linesAbove(target, rows);
    // A screen is filled where there is enough to fill it.
    if (above < rows - 1) target = this.#walk(target, above - (rows - 1));
    const atEnd = this.#walk(target, -1) === target;
    if (atEnd && !this.moreAfter) this.toBottom();
    else this.#anchor = { key: (this.#items[target.at] as Item).key, line: target.line };
    return { top: above < rows, bottom: atEnd };
  }

  /** The lines on the screen, bottom-aligned; at most `rows`. */
  visible(rows: number, width: number): VisibleLine[] {
    this.#setWidth(width);
    const lines: VisibleLine[] = [];
    let at = this.#last;
    let line = Number.POSITIVE_INFINITY;
    if (this.#anchor) {
      const anchored = this.#items.findIndex(({ key }) => key === this.#anchor?.key);
      if (anchored >= 0) {
        at = anchored;
        line = this.#anchor.line;
      }
    }
    for (; at >= 0 && lines.length < rows; at--) {
      const item = this.#items[at] as Item;
      const own = this.#linesAt(at);
      for (let i = Math.min(line, own.length - 1); i >= 0 && lines.length < rows; i--) {
        lines.push({ key: `${item.key}/${i}`, line: own[i] as Line, item });
      }
      line = Number.POSITIVE_INFINITY;
    }
    return lines.reverse();
  }

  /** Index of the last item that can be shown: the client's own newest lines stand behind messages that are not read yet. */
  get #last(): number {
    if (!this.moreAfter) return this.#items.length - 1;
    return this.#items.findLastIndex(({ type }) => type === "message");
  }

  /** Where the bottom line on the screen is; undefined while there is none. */
  get #bottom(): Place | undefined {
    const anchor = this.#anchor;
    const anchored = anchor ? this.#items.findIndex(({ key }) => key === anchor.key) : -1;
    const last = this.#last;
    const at = anchored < 0 || anchored > last ? last : anchored;
    if (at < 0) return undefined;
    // Laid out for another width, the item may have fewer lines.
    const own = this.#linesAt(at).length;
    const line = Math.min(own - 1, at === anchored && anchor ? anchor.line : own - 1);
    return line < 0 ? this.#step({ at, line }, -1) : { at, line };
  }

  /** The place so many lines further up, or as far as there are lines; the same one where there are none. */
  #walk(from: Place, by: number): Place {
    let place = from;
    for (let left = Math.abs(by); left > 0;) {
      const own = this.#linesAt(place.at).length;
      const within = by > 0 ? place.line : own - 1 - place.line;
      if (left <= within) return { at: place.at, line: place.line - Math.sign(by) * left };
      const next = this.#step(place, by > 0 ? -1 : 1);
      if (!next) return within === 0 ? place : { at: place.at, line: by > 0 ? 0 : own - 1 };
      left -= within + 1;
      place = next;
    }
    return place;
  }

  /** The nearest line of another item in a direction. */
  #step({ at: from }: Place, direction: 1 | -1): Place | undefined {
    const last = this.#last;
    for (let at = from + direction; at >= 0 && at <= last; at += direction) {
      const { length } = this.#linesAt(at);
      if (length > 0) return { at, line: direction < 0 ? length - 1 : 0 };
    }
    return undefined;
  }

  /** How many lines there are above one, counted up to `most`. */
  #linesAbove({ at: from, line }: Place, most: number): number {
    let above = line;
    for (let at = from - 1; at >= 0 && above < most; at--) above += this.#linesAt(at).length;
    return Math.min(above, most);
  }

  /** An item's lines, with the day and the unread line before them where they belong. */
  #linesAt(at: number): Line[] {
    const item = this.#items[at] as Item;
    const before = this.#items[at - 1];
    const lines: Line[] = [];
    if (before && dayOf(before) !== dayOf(item)) lines.push(dayLine(timeOf(item), this.#width));
    if (item.type === "message" && this.#isFirstUnread(item.message, at))
      lines.push(unreadLine(this.#width));
    return lines.length === 0 ? this.#linesOf(item) : [...lines, ...this.#linesOf(item)];
  }

  #isFirstUnread(message: Message, at: number): boolean {
    if (this.unreadAfter === undefined || message.mine || !isAfter(message, this.unreadAfter))
      return false;
    for (let i = at - 1; i >= 0; i--) {
      const item = this.#items[i] as Item;
      if (item.type === "message" && !item.message.mine)
        return !isAfter(item.message, this.unreadAfter);
    }
    return true;
  }

  #linesOf(item: Item): Line[] {
    let lines = this.#layouts.get(item.key);
    if (!lines) {
      lines =
        item.type === "message" && item.message.ignored
          ? []
          : layoutItem(item, this.#width, this.#theme);
      this.#layouts.set(item.key, lines);
    }
    return lines;
  }

  #setWidth(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#layouts.clear();
    // Lines have moved inside their items: hold the item itself.
    if (this.#anchor) this.#anchor = { key: this.#anchor.key, line: Number.POSITIVE_INFINITY };
  }

  #insert(item: Item): void {
    const known = this.#items.findIndex(({ key }) => key === item.key);
    if (known >= 0) this.#items.splice(known, 1);
    let at = this.#items.length;
    while (at > 0 && compareItems(this.#items[at - 1] as Item, item) > 0) at--;
    this.#items.splice(at, 0, item);
  }

  #trim(): void {
    const over = this.#items.length - WINDOW_MAX_COUNT;
    if (over <= 0 || this.#anchor) return;
    for (const { key } of this.#items.splice(0, over)) this.#layouts.delete(key);
    this.moreBefore = true;
  }
}

/** Messages of one moment by id, as everywhere; the client's own lines in the order in which they were said. */
function compareItems(a: Item, b: Item): number {
  if (a.order !== b.order || a.type === "info" || b.type === "info") return a.order - b.order;
  return a.key < b.key ? -1 : 1;
}

function isAfter(message: Message, cursor: string): boolean {
  const [moment = "0", id = ""] = cursor.split(".");
  return message.moment > Number(moment) || (message.moment === Number(moment) && message.id > id);
}

function timeOf(item: Item): number {
  return item.type === "info" ? item.timeMs : Date.parse(item.message.time);
}

function dayOf(item: Item): string {
  return new Date(timeOf(item)).toDateString();
}
