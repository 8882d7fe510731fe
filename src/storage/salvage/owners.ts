/**
 * Whose event a record holds. A record names its room and its author by local numbers; where the records of those numbers are
 * lost, the id tells: only the right room, root and device hash to it (docs/adr/0095-lost-authors-by-hashing.md).
 */
import { equal } from "../../core/codec/bytes.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import { AuthorTable } from "../../core/log/author-table.ts";
import { decodeEvent, encodeEvent } from "../../core/log/event.ts";
import { KIND_CREATE, type LogEvent } from "../../core/log/types.ts";
import { chainPlaceOf, decodeValue } from "../event-value.ts";
import { readUint } from "../keys.ts";

/** Events of a lost author that are tried with everybody known before the author counts as lost. */
const TRIES_MAX_COUNT = 16;

function founds({ kind, seq }: LogEvent): boolean {
  return kind === KIND_CREATE && seq === 1;
}

export interface Pair {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
}

export interface Owned {
  readonly roomId: Uint8Array;
  readonly event: LogEvent;
}

interface Owner extends Pair {
  readonly roomId: Uint8Array;
}

export class Owners {
  readonly #crypto: Crypto;
  /** "room number/author number" → who that is. */
  readonly #known = new Map<string, Owner>();
  readonly #tries = new Map<string, number>();
  readonly #pairs: Pair[] = [];
  readonly #paired = new AuthorTable<true>();
  readonly #roomIds = new Map<string, Uint8Array>();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  addRoom(roomId: Uint8Array): void {
    this.#roomIds.set(String.fromCharCode(...roomId), roomId);
  }

  addPair(root: Uint8Array, device: Uint8Array): void {
    if (root.length !== 32 || device.length !== 32 || this.#paired.get(root, device)) return;
    this.#paired.set(root, device, true);
    this.#pairs.push({ root, device });
  }

  name(room: number, author: number, owner: Owner): void {
    this.#known.set(`${room}/${author}`, owner);
  }

  /** The event of a record, when its bytes hash to the id in its key. */
  eventOf(key: Uint8Array, value: Uint8Array): Owned | undefined {
    let name: string;
    try {
      name = `${readUint(key, 1, 4)}/${chainPlaceOf(value).author}`;
    } catch {
      return undefined;
    }
    const known = this.#known.get(name);
    const owned = known && this.#hashed(key, value, known);
    if (owned) return owned;
    const tries = this.#tries.get(name) ?? 0;
    if (tries >= TRIES_MAX_COUNT) return undefined;
    for (const roomId of this.#roomIds.values()) {
      for (const pair of this.#pairs) {
        const found = this.#hashed(key, value, { roomId, ...pair });
        // What founds a room is hashed without one: it belongs to the room of its id.
        if (!found || (founds(found.event) && !equal(found.event.id, roomId))) continue;
        if (!known) this.#known.set(name, { roomId, ...pair });
        return found;
      }
    }
    this.#tries.set(name, tries + 1);
    return undefined;
  }

  #hashed(key: Uint8Array, value: Uint8Array, { roomId, root, device }: Owner): Owned | undefined {
    try {
      const stored = decodeValue(key, value, () => ({ root, device }));
      const event = decodeEvent(this.#crypto, roomId, root, encodeEvent(stored));
      return equal(event.id, stored.id) ? { roomId, event } : undefined;
    } catch {
      return undefined;
    }
  }
}
