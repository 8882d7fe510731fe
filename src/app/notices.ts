import type { Notice } from "./api.ts";
import type { Emitter } from "./emitter.ts";

/** The notices that hold now, one per code and room. Setting the same sentence twice says it once. */
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
    if (this.#held.get(key)?.text === notice.text) return;
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
