/** Escape, then a key, is that key with Alt: for terminals that keep Alt to themselves, at the pace of a person. */
import type { Key } from "./keys.ts";

/** An Escape that was meant for nothing is forgotten after this. */
const PREFIX_MS = 2_000;

export class EscapePrefix {
  #pressedMs = Number.NEGATIVE_INFINITY;

  /** The name of the key that is meant with Alt, where Escape came before it. */
  nameOf(key: Key, nowMs: number): string | undefined {
    const waits = nowMs - this.#pressedMs <= PREFIX_MS;
    const isEscape = key.type === "key" && key.name === "escape";
    // A second Escape takes the first one back.
    this.#pressedMs = isEscape && !waits ? nowMs : Number.NEGATIVE_INFINITY;
    if (!waits || isEscape || key.type === "paste") return undefined;
    return key.type === "key" ? key.name : key.text.toLowerCase();
  }
}
