/** What the keys do. Holds what belongs to the screen alone: the editor, the switcher, the picked message. */
import fuzzysort from "fuzzysort";
import { roomTitle } from "../../src/app/words.ts";
import { COMMANDS, runLine } from "./commands.ts";
import type { Client } from "./client.ts";
import type { RoomView } from "./room-view.ts";
import { complete, type Completion } from "./input/completion.ts";
import * as editing from "./input/editor.ts";
import { EscapePrefix } from "./input/escape-prefix.ts";
import type { Key } from "./input/keys.ts";
import { type Next, Quit } from "./quit.ts";

/** A paste of more lines than this asks first. */
const PASTE_ASKS_LINES = 5;

/** How many lines a paste has; a line feed at its end begins none. */
export function linesIn(paste: string): number {
  return paste.replace(/\n$/, "").split("\n").length;
}

export type Mode =
  | { readonly type: "write" }
  /** Ctrl+K: find a room by name. */
  | { readonly type: "switch"; readonly query: string; readonly chosen: number }
  /** Ctrl+S: pick a message. */
  | { readonly type: "pick"; readonly id: string }
  /** A long paste waits for a yes. */
  | { readonly type: "paste"; readonly text: string };

export interface ControllerEffects {
  readonly copy: (text: string) => void;
  readonly redraw: () => void;
  readonly quit: (next?: Next) => void;
  readonly bell: () => void;
  /** Lends the terminal to the person's own editor. @returns undefined where it failed */
  readonly edited: (text: string) => string | undefined;
}

export class Controller {
  readonly client: Client;
  mode: Mode = { type: "write" };
  editor = editing.EMPTY;
  readonly #escape = new EscapePrefix();
  readonly #copy: (text: string) => void;
  readonly #redraw: () => void;
  readonly #quit: ControllerEffects["quit"];
  readonly #edited: ControllerEffects["edited"];
  /** Lines entered are run one after the other. */
  #running: Promise<void> = Promise.resolve();
  #completion: Completion | undefined;
  /** Place in the history of sent lines; undefined: the line being written. */
  #recalled: number | undefined;
  #written = "";
  #ctrlC = false;

  constructor(client: Client, effects: ControllerEffects) {
    this.client = client;
    this.#copy = effects.copy;
    this.#redraw = effects.redraw;
    this.#quit = effects.quit;
    this.#edited = effects.edited;
    client.effects = {
      copy: effects.copy,
      edit: (text) => this.#editExternally(text),
      bell: effects.bell,
    };
  }

  /** The view says how much of the timeline it draws. */
  resize(rows: number, columns: number): void {
    this.client.navigation.timeline = { rows, columns };
  }

  handle(key: Key): void {
    const isCtrlC = key.type === "key" && key.ctrl && key.name === "c";
    if (!isCtrlC) this.#ctrlC = false;
    const isTab = key.type === "key" && key.name === "tab";
    if (!isTab) this.#completion = undefined;
    const { search } = this.client;
    search.landed = undefined;
    if (search.results && !isCtrlC) search.handle(key);
    else if (this.mode.type === "switch") this.#switchKey(this.mode, key);
    else if (this.mode.type === "pick") this.#pickKey(this.mode, key);
    else if (this.mode.type === "paste") this.#pasteKey(this.mode, key);
    else this.#writeKey(key);
    this.client.changed();
  }

  /** Rooms that fit what was typed in the switcher, best first. */
  found(query: string): RoomView[] {
    const rooms = this.client.order;
    if (query === "") return rooms;
    const found = fuzzysort.go(query, rooms, { key: (view) => roomTitle(view.info) });
    // Of those that fit alike, in the order of the list.
    const place = new Map(rooms.map((view, at) => [view, at]));
    return [...found]
      .sort((a, b) => b.score - a.score || (place.get(a.obj) ?? 0) - (place.get(b.obj) ?? 0))
      .map(({ obj }) => obj);
  }

  #writeKey(key: Key): void {
    const meant = this.#escape.nameOf(key, this.client.nowMs());
    const action = meant === undefined ? undefined : this.#altAction(meant);
    if (action) action();
    else if (key.type === "text") this.#edit(editing.insert(this.editor, key.text));
    else if (key.type === "paste") this.#pasted(key.text);
    else if (key.alt) this.#altAction(key.name)?.();
    else if (key.ctrl) this.#ctrlKey(key.name);
    else this.#plainKey(key);
  }

  #plainKey(key: Extract<Key, { type: "key" }>): void {
    const edits: Record<string, (editor: editing.Editor) => editing.Editor> = {
      left: editing.left,
      right: editing.right,
      home: editing.lineStart,
      end: editing.lineEnd,
      backspace: editing.backspace,
      delete: editing.deleteRight,
    };
    const edit = edits[key.name];
    if (edit) return this.#edit(edit(this.editor));
    if (key.name === "enter") this.#enter();
    else if (key.name === "tab") this.#tab(key.shift);
    else if (key.name === "up") this.#vertical(-1);
    else if (key.name === "down") this.#vertical(1);
    else if (key.name === "pageup") this.client.navigation.page(1);
    else if (key.name === "pagedown") this.client.navigation.page(-1);
  }

  #ctrlKey(name: string): void {
    const { navigation } = this.client;
    const edits: Record<string, (editor: editing.Editor) => editing.Editor> = {
      a: editing.lineStart,
      e: editing.lineEnd,
      b: editing.left,
      f: editing.right,
      w: editing.killWordLeft,
      u: editing.killToStart,
      y: editing.yank,
      d: editing.deleteRight,
      h: editing.backspace,
      left: editing.wordLeft,
      right: editing.wordRight,
      j: (editor) => editing.insert(editor, "\n"),
    };
    const edit = edits[name];
    if (edit) return this.#edit(edit(this.editor));
    if (name === "c") this.#interrupt();
    else if (name === "r") this.client.search.open();
    else if (name === "n") navigation.go(navigation.beside(1));
    else if (name === "p") navigation.go(navigation.beside(-1));
    else if (name === "k") this.mode = { type: "switch", query: "", chosen: 0 };
    else if (name === "l") this.#redraw();
    else if (name === "s") this.#pickLast();
  }

  #altAction(name: string): (() => void) | undefined {
    const { navigation } = this.client;
    if (/^[0-9]$/.test(name)) return () => navigation.go(navigation.place(Number(name) || 10));
    const edits: Record<string, (editor: editing.Editor) => editing.Editor> = {
      b: editing.wordLeft,
      f: editing.wordRight,
      d: editing.killWordRight,
      backspace: editing.killWordLeft,
      enter: (editor) => editing.insert(editor, "\n"),
    };
    const edit = edits[name];
    if (edit) return () => this.#edit(edit(this.editor));
    const actions: Record<string, () => void> = {
      left: () => navigation.go(navigation.beside(-1)),
      up: () => navigation.go(navigation.beside(-1)),
      right: () => navigation.go(navigation.beside(1)),
      down: () => navigation.go(navigation.beside(1)),
      a: () => navigation.go(navigation.busiest()),
      "/": () => navigation.go(navigation.last()),
      home: () => navigation.start(),
      end: () => navigation.end(),
      u: () => navigation.firstUnread(),
      n: () => navigation.mention(1),
      p: () => navigation.mention(-1),
      e: () => this.#editExternally(this.editor.text),
    };
    return actions[name];
  }

  /** Puts a text where one writes. */
  write(text: string): void {
    this.editor = editing.insert(this.editor, text);
  }

  #edit(editor: editing.Editor): void {
    this.editor = editor;
  }

  #enter(): void {
    const line = this.editor.text;
    if (line.trim() === "") return;
    const { sent } = this.client.view;
    this.editor = { ...editing.EMPTY, killed: this.editor.killed };
    this.#recalled = undefined;
    if (sent.at(-1) !== line) sent.push(line);
    if (sent.length > 200) sent.shift();
    this.#running = this.#running.then(() => this.#run(line));
  }

  #editExternally(text: string): void {
    const edited = this.#edited(text);
    if (edited === undefined) this.client.say("error", "The editor failed; is $EDITOR set?");
    else this.editor = editing.insert({ ...editing.EMPTY, killed: this.editor.killed }, edited);
  }

  async #run(line: string): Promise<void> {
    try {
      await runLine(this.client, line);
    } catch (error) {
      if (error instanceof Quit) return this.#quit(error.next);
      this.client.fail(error);
      // What could not be sent is not lost.
      if (this.editor.text === "" && !line.startsWith("/"))
        this.editor = editing.insert(editing.EMPTY, line);
    }
    this.client.changed();
  }

  #vertical(by: -1 | 1): void {
    const { line, lines } = editing.lineOf(this.editor);
    if (this.#recalled === undefined && lines > 1 && line + by >= 0 && line + by < lines) {
      return this.#edit(editing.moveLine(this.editor, by));
    }
    const { sent } = this.client.view;
    if (this.#recalled === undefined) this.#written = this.editor.text;
    const at = (this.#recalled ?? sent.length) + by;
    if (at < 0 || at > sent.length) return;
    this.#recalled = at === sent.length ? undefined : at;
    this.editor = editing.insert(
      { ...editing.EMPTY, killed: this.editor.killed },
      sent[at] ?? this.#written,
    );
  }

  #tab(back: boolean): void {
    const { client, editor } = this;
    const speakers = [...client.view.speakers.values()].sort((a, b) => b.moment - a.moment);
    const fresh = this.#completion === undefined;
    this.#completion ??= complete(editor.text, editor.cursor, {
      commands: COMMANDS.map(({ name }) => name),
      rooms: client.order.map(({ info }) => info.room),
      names: speakers.map(({ name }) => name),
    });
    const { candidates = [], from = 0, chosen = 0 } = this.#completion ?? {};
    if (!this.#completion || candidates.length === 0) return;
    const step = fresh ? 0 : back ? candidates.length - 1 : 1;
    const next = (chosen + step) % candidates.length;
    this.#completion = { from, candidates, chosen: next };
    const kept = {
      ...editor,
      text: editor.text.slice(0, from) + editor.text.slice(editor.cursor),
      cursor: from,
    };
    this.editor = editing.insert(kept, candidates[next] ?? "");
  }

  #interrupt(): void {
    if (this.client.search.results) this.client.search.close();
    else if (this.editor.text !== "") this.editor = { ...editing.EMPTY, killed: this.editor.text };
    else if (this.#ctrlC) this.#quit();
    else {
      this.#ctrlC = true;
      this.client.say("info", "Ctrl+C again leaves parley.", "ctrl-c");
    }
  }

  #pasted(text: string): void {
    if (linesIn(text) > PASTE_ASKS_LINES) this.mode = { type: "paste", text };
    else this.#edit(editing.insert(this.editor, text));
  }

  #pasteKey({ text }: Extract<Mode, { type: "paste" }>, key: Key): void {
    const yes =
      (key.type === "text" && /^y/i.test(key.text)) || (key.type === "key" && key.name === "enter");
    if (yes) this.#edit(editing.insert(this.editor, text));
    this.mode = { type: "write" };
  }

  #switchKey(mode: Extract<Mode, { type: "switch" }>, key: Key): void {
    const found = this.found(mode.query);
    if (key.type === "text")
      this.mode = { type: "switch", query: mode.query + key.text, chosen: 0 };
    else if (key.type === "key" && key.name === "backspace")
      this.mode = { ...mode, query: [...mode.query].slice(0, -1).join(""), chosen: 0 };
    else if (key.type === "key" && (key.name === "up" || key.name === "down")) {
      const by = key.name === "up" ? found.length - 1 : 1;
      this.mode = { ...mode, chosen: found.length === 0 ? 0 : (mode.chosen + by) % found.length };
    } else if (key.type === "key") {
      this.mode = { type: "write" };
      if (key.name === "enter") this.client.navigation.go(found[mode.chosen]);
    }
  }

  #pickLast(): void {
    const last = this.client.view.window.messages.at(-1);
    if (last) this.mode = { type: "pick", id: last.id };
  }

  #pickKey(mode: Extract<Mode, { type: "pick" }>, key: Key): void {
    const { messages } = this.client.view.window;
    const at = messages.findIndex(({ id }) => id === mode.id);
    const go = (to: number): void => {
      const next = messages[Math.max(0, Math.min(messages.length - 1, to))];
      if (!next) return;
      this.mode = { type: "pick", id: next.id };
      this.client.view.window.show(next.id);
    };
    const name = key.type === "key" ? key.name : key.type === "text" ? key.text : "";
    if (name === "up" || name === "k") go(at - 1);
    else if (name === "down" || name === "j") go(at + 1);
    else {
      this.mode = { type: "write" };
      const picked = messages[at];
      if ((name === "enter" || name === "c") && picked) {
        this.#copy(picked.text);
        this.client.say("info", "Copied.", "copied");
      }
    }
  }
}
