import type { Notice } from "./api.ts";
import type { Emitter } from "./emitter.ts";

/** What a person reads of a notice. */
const SAID = ["level", "text", "hint"] as const;

/** The notices that hold now, one per code and room. Setting the same sentences twice says them once. */
export class Notices {
  readonly #held = new Map<string, Notice>();
  readonly #emitter: Emitter;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  list(): Notice[] {
    return [...this.#held.values()];
  }

  /** Says something that stays true until `clear`. */
  set(notice: Notice): void {
    const key = keyOf(notice.code, notice.room);
    const held = this.#held.get(key);
    if (held && SAID.every((part) => held[part] === notice[part])) return;
    this.#held.delete(key);
    this.#held.set(key, notice);
    this.#emitter.emit({ type: "notice", notice });
  }

  /** Says something once. */
  say(notice: Notice): void {
    this.#emitter.emit({ type: "notice", notice });
  }

  clear(code: string, room?: string): void {
    if (!this.#held.delete(keyOf(code, room))) return;
    this.#emitter.emit(
      room === undefined ? { type: "resolved", code } : { type: "resolved", code, room },
    );
  }
}

function keyOf(code: string, room: string | undefined): string {
  return `${code} ${room ?? ""}`;
}
