/**
 * From the bytes of a terminal to keys. Ink's own parser loses function keys and joins bursts; here any cut of the stream
 * gives the same keys. Escape followed by a key is Alt with that key, so macOS terminals work as they come.
 */
export type Key =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "paste"; readonly text: string }
  | {
      readonly type: "key";
      readonly name: string;
      readonly ctrl: boolean;
      readonly alt: boolean;
      readonly shift: boolean;
    };

const ESC = "\u001b";
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** A paste or an escape sequence longer than this is not one. */
const PASTE_MAX_CHARACTERS = 1_000_000;
const SEQUENCE_MAX_CHARACTERS = 32;

const FINAL_NAMES: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  Z: "tab",
};
const TILDE_NAMES: Readonly<Record<string, string>> = {
  "1": "home",
  "2": "insert",
  "3": "delete",
  "4": "end",
  "5": "pageup",
  "6": "pagedown",
  "7": "home",
  "8": "end",
};

export class KeyParser {
  #pending = "";
  #paste: string | undefined;

  /** Whether a lone Escape waits: after a while `flush` takes it for the key itself. */
  get waiting(): boolean {
    return this.#paste === undefined && this.#pending !== "";
  }

  feed(text: string): Key[] {
    this.#pending += text;
    const keys: Key[] = [];
    for (let key = this.#next(); key !== undefined; key = this.#next())
      if (key !== "none") keys.push(key);
    return joinText(keys);
  }

  /** Nothing came after an Escape: it was the key. */
  flush(): Key[] {
    if (!this.waiting) return [];
    const rest = this.#pending;
    this.#pending = "";
    return rest === ESC ? [plain("escape")] : [];
  }

  /** The next key, "none" for something that is passed over, undefined when more must come. */
  #next(): Key | "none" | undefined {
    if (this.#paste !== undefined) return this.#nextOfPaste();
    const [first] = this.#pending;
    if (first === undefined) return undefined;
    // Half of a character outside the first plane waits for its other half.
    if (/^[\ud800-\udbff]$/.test(this.#pending)) return undefined;
    if (first !== ESC) return this.#take(first.length, control(first));
    if (this.#pending.length === 1) return undefined;
    if (PASTE_BEGIN.startsWith(this.#pending.slice(0, PASTE_BEGIN.length))) {
      if (this.#pending.length < PASTE_BEGIN.length) return undefined;
      this.#pending = this.#pending.slice(PASTE_BEGIN.length);
      this.#paste = "";
      return "none";
    }
    const second = this.#pending[1] as string;
    if (second === "[" || second === "O") return this.#nextOfSequence();
    if (second === ESC) return this.#take(1, plain("escape"));
    const character = String.fromCodePoint(this.#pending.codePointAt(1) as number);
    return this.#take(1 + character.length, withAlt(control(character)));
  }

  #nextOfSequence(): Key | "none" | undefined {
    const match = /^\u001b(?:\[([0-9;?<]*)([A-Za-z~])|O([A-Za-z]))/.exec(this.#pending);
    if (match)
      return this.#take(match[0].length, sequence(match[1] ?? "", match[2] ?? match[3] ?? ""));
    if (
      /^\u001b(?:\[[0-9;?<]*|O)$/.test(this.#pending) &&
      this.#pending.length < SEQUENCE_MAX_CHARACTERS
    )
      return undefined;
    // Alt+[ and the like.
    return this.#take(2, withAlt(control(this.#pending[1] as string)));
  }

  #nextOfPaste(): Key | undefined {
    const end = this.#pending.indexOf(PASTE_END);
    if (end < 0) {
      // The end mark itself may be cut in two.
      const keep = Math.min(this.#pending.length, PASTE_END.length - 1);
      this.#paste = (this.#paste + this.#pending.slice(0, this.#pending.length - keep)).slice(
        0,
        PASTE_MAX_CHARACTERS,
      );
      this.#pending = this.#pending.slice(this.#pending.length - keep);
      return undefined;
    }
    const text = (this.#paste + this.#pending.slice(0, end)).slice(0, PASTE_MAX_CHARACTERS);
    this.#pending = this.#pending.slice(end + PASTE_END.length);
    this.#paste = undefined;
    return { type: "paste", text: text.replace(/\r\n?/g, "\n") };
  }

  #take(length: number, key: Key | "none"): Key | "none" {
    this.#pending = this.#pending.slice(length);
    return key;
  }
}

function plain(name: string, shift = false): Key {
  return { type: "key", name, ctrl: false, alt: false, shift };
}

function control(character: string): Key {
  const code = character.charCodeAt(0);
  if (character === "\r") return plain("enter");
  if (character === "\t") return plain("tab");
  if (code === 0x7f || code === 0x08) return plain("backspace");
  if (code === 0) return { type: "key", name: "space", ctrl: true, alt: false, shift: false };
  if (code < 0x20) {
    const name = String.fromCharCode(code + 0x60);
    return { type: "key", name, ctrl: true, alt: false, shift: false };
  }
  return { type: "text", text: character };
}

function withAlt(key: Key): Key {
  if (key.type === "text")
    return { type: "key", name: key.text.toLowerCase(), ctrl: false, alt: true, shift: false };
  return key.type === "key" ? { ...key, alt: true } : key;
}

function sequence(parameters: string, final: string): Key | "none" {
  const [first = "", second = ""] = parameters.split(";");
  const name = final === "~" ? TILDE_NAMES[first] : FINAL_NAMES[final];
  if (name === undefined) return "none";
  const modifiers = Math.max(0, Number(second || 1) - 1);
  const shift = (modifiers & 1) !== 0 || final === "Z";
  return { type: "key", name, shift, alt: (modifiers & 2) !== 0, ctrl: (modifiers & 4) !== 0 };
}

/** Neighbouring characters become one text. */
function joinText(keys: readonly Key[]): Key[] {
  const joined: Key[] = [];
  for (const key of keys) {
    const last = joined.at(-1);
    if (key.type === "text" && last?.type === "text")
      joined[joined.length - 1] = { type: "text", text: last.text + key.text };
    else joined.push(key);
  }
  return joined;
}
