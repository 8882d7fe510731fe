/**
 * What is known of those who speak in an owned room, as long as no control event comes: what they say is judged one event after
 * the other, and the answer hardly ever changes.
 */
import { equal } from "../codec/bytes.ts";
import { idName } from "../log/id-name.ts";
import { sameIds } from "../log/page-ids.ts";
import { KIND_SEALED, type LogEvent } from "../log/types.ts";
import { authOf } from "../room/auth.ts";
import { type Control, isControl } from "../room/control.ts";
import type { Resolver } from "../room/resolver.ts";
import type { Standing } from "../room/standing.ts";

const MEMBER = 1;
const KEPT_MAX_COUNT = 10_000;

export class Speakers {
  readonly #resolver: Resolver;
  /** Author and what it has seen → whether that gives the right to speak. */
  readonly #speaking = new Map<string, boolean>();
  /** Authors who may speak by what they had seen when they spoke last, and about whom no removal is in effect. */
  readonly #free = new Map<string, readonly Uint8Array[]>();
  /** The one that was asked for last: most often the next event is of the same. */
  #last: { readonly root: Uint8Array; readonly auth: readonly Uint8Array[] } | undefined;
  readonly #standings = new Map<string, Standing>();
  #auth: { readonly device: Uint8Array; readonly ids: readonly Uint8Array[] } | undefined;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** Control events have come. */
  clear(): void {
    this.#speaking.clear();
    this.#free.clear();
    this.#last = undefined;
    this.#standings.clear();
    this.#auth = undefined;
  }

  standing(root: Uint8Array): Standing {
    return kept(this.#standings, nameOf(root), () => this.#resolver.standing(root));
  }

  /** The control heads that what the own device says next names as seen. */
  authOf(root: Uint8Array, device: Uint8Array): readonly Uint8Array[] {
    if (!this.#auth || !equal(this.#auth.device, device))
      this.#auth = { device, ids: authOf(this.#resolver, { root, device }) };
    return this.#auth.ids;
  }

  /** Whether an event, all of whose control heads are here, is of somebody who may speak by what they have seen. */
  maySpeak({ root, auth }: LogEvent): boolean {
    const name = [root, ...auth].map(nameOf).join("");
    const speaks = kept(this.#speaking, name, () => {
      return this.#resolver.standing(root, this.#resolver.view(auth)).rank >= MEMBER;
    });
    const removed = (): boolean =>
      this.#resolver.about(root).some(({ control }) => isRemoval(control));
    if (speaks && !removed()) {
      put(this.#free, nameOf(root), auth);
      this.#last = undefined;
    }
    return speaks;
  }

  /** Whether nothing has to be looked at to know that an event belongs to the set. */
  isFree({ kind, root, auth }: LogEvent): boolean {
    const free = this.#freeBy(root);
    if (!free || !sameIds(free, auth) || isControl(kind)) return false;
    return kind === KIND_SEALED || !this.#resolver.history();
  }

  #freeBy(root: Uint8Array): readonly Uint8Array[] | undefined {
    if (this.#last && equal(this.#last.root, root)) return this.#last.auth;
    const auth = this.#free.get(nameOf(root));
    if (auth) this.#last = { root, auth };
    return auth;
  }
}

export function isRemoval(
  control: Control | undefined,
): control is Extract<Control, { cuts: unknown }> {
  return control?.type === "mute" || control?.type === "kick" || control?.type === "ban";
}

function kept<T>(map: Map<string, T>, name: string, make: () => T): T {
  const known = map.get(name);
  return known === undefined ? put(map, name, make()) : known;
}

function put<T>(map: Map<string, T>, name: string, value: T): T {
  if (map.size >= KEPT_MAX_COUNT) map.clear();
  map.set(name, value);
  return value;
}

/** A whole key or id as a short text. */
function nameOf(key: Uint8Array): string {
  return idName(key) + idName(key.subarray(16));
}
