/** What people of one room call themselves. */
import { toHex } from "../../core/codec/bytes.ts";
import { readContent } from "../../core/log/content.ts";
import type { LogEvent } from "../../core/log/types.ts";
import { skeleton } from "../../core/text/confusable.ts";
import { claimedName } from "../../core/text/marks.ts";

/** The names of one room. Keys are identity keys in hex. */
export class RoomNames {
  readonly #names = new Map<
    string,
    { name: string; skeleton: string; moment: number; id: string }
  >();
  readonly #bySkeleton = new Map<string, Set<string>>();

  /** Takes a name event; an older one than the known is passed over. Returns whether the name changed. */
  take(event: LogEvent): boolean {
    const content = readContent(event);
    if (content?.type !== "name") return false;
    const author = toHex(event.root);
    const known = this.#names.get(author);
    const id = toHex(event.id);
    if (known && (known.moment > event.moment || (known.moment === event.moment && known.id >= id)))
      return false;
    const name = claimedName(content.text);
    if (known) this.#bySkeleton.get(known.skeleton)?.delete(author);
    const key = skeleton(name);
    this.#names.set(author, { name, skeleton: key, moment: event.moment, id });
    if (name !== "") {
      const sharers = this.#bySkeleton.get(key) ?? new Set();
      this.#bySkeleton.set(key, sharers.add(author));
    }
    return known?.name !== name;
  }

  /** The self-claimed name as it is shown, or undefined. */
  get(author: string): { name: string; moment: number } | undefined {
    const known = this.#names.get(author);
    return known && known.name !== "" ? known : undefined;
  }

  ofRoot(root: Uint8Array): { name: string; moment: number } | undefined {
    return this.get(toHex(root));
  }

  /** Whether another identity of this room bears a look-alike name. */
  confusable(author: string): boolean {
    const known = this.#names.get(author);
    return known !== undefined && (this.#bySkeleton.get(known.skeleton)?.size ?? 0) > 1;
  }

  /** Whether anybody but `author` bears a name of this skeleton here. */
  isTaken(key: string, author: string): boolean {
    const sharers = this.#bySkeleton.get(key);
    return sharers !== undefined && sharers.size > (sharers.has(author) ? 1 : 0);
  }

  authors(): string[] {
    return [...this.#names.keys()];
  }
}
