/** The epochs of a private room that are known to one device, and the secrets it has of them (docs/spec/private-rooms.md, "Epochs"). */
import { compare, equal, fromHex, toHex } from "../codec/bytes.ts";
import { EPOCH_BACK_MAX_COUNT, EPOCH_MESSAGES_MAX_COUNT } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { momentOf } from "../log/clock.ts";
import type { Census } from "./census.ts";
import type { Epoch } from "./control.ts";
import { commits, openBack, openOuter, openWraps } from "./epoch.ts";
import { BOXED_KEY_BYTES } from "./epoch-fields.ts";
import type { Judged } from "./judged.ts";
import { EPOCH_NAME_BYTES } from "./sealing.ts";

export interface EpochSecret {
  /** 32 bytes. */
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
}

/** Secret and public key of an X25519 pair. */
export type KeyPair = readonly [secretKey: Uint8Array, publicKey: Uint8Array];

export interface EpochBookInit {
  readonly crypto: Crypto;
  readonly roomId: Uint8Array;
  /** Epochs older than this are opened no more: their secrets were deleted. ms since the Unix epoch. */
  readonly openedFromMs: () => number;
  /** The keys that something may be sealed to. */
  readonly keyPairs: () => Iterable<KeyPair>;
}

interface Tally {
  readonly name: Uint8Array;
  count: number;
}

export class EpochBook {
  readonly #init: EpochBookInit;
  /** By id in hex. */
  readonly #secrets = new Map<string, Uint8Array>();
  /** By the part of the id that messages name, in hex. */
  readonly #byName = new Map<string, EpochSecret>();
  /** The one that was asked for last: most often the next message is under the same. */
  #named: EpochSecret | undefined;
  /** Events that make epochs, by the epoch's id in hex. */
  readonly #events = new Map<string, Judged[]>();
  /** Messages under each epoch, by its name in hex. */
  readonly #messages = new Map<string, Tally>();
  /** The one that was counted last: most often the next is of the same. */
  #counted: Tally | undefined;
  /** Events whose wraps were tried. */
  readonly #tried = new Set<Judged>();

  constructor(init: EpochBookInit) {
    this.#init = init;
  }

  get size(): number {
    return this.#events.size;
  }

  note(judged: Judged): void {
    if (judged.control?.type !== "epoch") return;
    const id = toHex(judged.control.id);
    const known = this.#events.get(id) ?? [];
    if (!known.includes(judged)) this.#events.set(id, [...known, judged]);
  }

  keep(id: Uint8Array, secret: Uint8Array): void {
    this.#named = undefined;
    this.#secrets.set(toHex(id), secret);
    this.#byName.set(toHex(id.subarray(0, EPOCH_NAME_BYTES)), { id, secret });
  }

  secretOf(id: Uint8Array): Uint8Array | undefined {
    return this.#secrets.get(toHex(id));
  }

  /** @param name as messages name it */
  named(name: Uint8Array): EpochSecret | undefined {
    if (this.#named && equal(this.#named.id.subarray(0, EPOCH_NAME_BYTES), name))
      return this.#named;
    return (this.#named = this.#byName.get(toHex(name)));
  }

  /** The event that makes an epoch, or the first of them: once it is open here, one by the very device that made it. */
  first(id: Uint8Array): Judged | undefined {
    return this.#parts(toHex(id))[0];
  }

  tally(name: Uint8Array): void {
    this.#tallyOf(name).count++;
  }

  isFull(id: Uint8Array): boolean {
    return this.#tallyOf(id.subarray(0, EPOCH_NAME_BYTES)).count >= EPOCH_MESSAGES_MAX_COUNT;
  }

  #tallyOf(name: Uint8Array): Tally {
    if (this.#counted && equal(this.#counted.name, name)) return this.#counted;
    const hex = toHex(name);
    const tally = this.#messages.get(hex) ?? { name: name.slice(), count: 0 };
    this.#messages.set(hex, tally);
    return (this.#counted = tally);
  }

  /** Ids of epochs that are here and whose secrets are not, newest first. */
  lacking(): Uint8Array[] {
    return [...this.#events.values()]
      .flatMap(([first]) =>
        first && !this.#secrets.has(toHex(controlOf(first).id)) ? [first] : [],
      )
      .filter(({ event }) => this.#isOpened(event.moment))
      .sort((a, b) => b.event.moment - a.event.moment)
      .map((judged) => controlOf(judged).id);
  }

  /**
   * Takes secrets of epochs that are here: those that are what the epochs commit to, and what follows from them.
   * @returns those that are new
   */
  learn(offered: readonly EpochSecret[]): EpochSecret[] {
    const { crypto, roomId } = this.#init;
    const learned: EpochSecret[] = [];
    const take = (id: Uint8Array, secret: Uint8Array): void => {
      if (this.#secrets.has(toHex(id))) return;
      const made = (this.#events.get(toHex(id)) ?? []).find(
        (judged) =>
          this.#isOpened(judged.event.moment) &&
          commits(crypto, roomId, judged.event.device, controlOf(judged), secret),
      );
      if (!made) return;
      this.keep(id, secret);
      learned.push({ id, secret });
      for (const before of openBack(crypto, roomId, controlOf(made), secret))
        take(before.id, before.secret);
    };
    for (const { id, secret } of offered) take(id, secret);
    for (const id of this.lacking()) for (const secret of this.#unwrap(id)) take(id, secret);
    return learned;
  }

  /** Forgets what a room that forgets its messages needs no more; the ids of what went. */
  forget(beforeMs: number): Uint8Array[] {
    const gone: Uint8Array[] = [];
    this.#named = undefined;
    for (const hex of this.#secrets.keys()) {
      const [first] = this.#parts(hex);
      if (!first || first.event.moment >= momentOf(beforeMs)) continue;
      this.#secrets.delete(hex);
      this.#byName.delete(hex.slice(0, 2 * EPOCH_NAME_BYTES));
      gone.push(fromHex(hex));
    }
    return gone;
  }

  /** Made for this census, by a device of it, with a wrap for each, and open here. */
  fitting(census: Census): Judged[] {
    const found: Judged[] = [];
    for (const id of this.#secrets.keys()) {
      const parts = this.#parts(id).filter(
        (judged) => judged.void === undefined && equal(controlOf(judged).census, census.hash),
      );
      const [first] = parts;
      const isIn = census.devices.some(
        ({ root, device }) =>
          first && equal(device, first.event.device) && equal(root, first.event.root),
      );
      const wraps = parts.reduce((sum, judged) => sum + controlOf(judged).wraps.length, 0);
      if (first && isIn && wraps >= census.devices.length * BOXED_KEY_BYTES) found.push(first);
    }
    return found;
  }

  /** The one with the lowest id. */
  lowest(those: readonly Judged[]): EpochSecret | undefined {
    const [best] = those.map((judged) => controlOf(judged).id).sort(compare);
    const secret = best && this.secretOf(best);
    return best && secret && { id: best, secret };
  }

  /** The newest epoch that is open here. */
  newest(): Uint8Array | undefined {
    let newest: Judged | undefined;
    for (const id of this.#secrets.keys()) {
      const [first] = this.#parts(id);
      if (!first || first.void !== undefined) continue;
      if (!newest || first.event.moment > newest.event.moment) newest = first;
    }
    return newest && controlOf(newest).id;
  }

  /** The key that hides traffic while an epoch is in force, where that is open here. */
  outerOf(id: Uint8Array): Uint8Array | undefined {
    const first = this.first(id);
    const secret = this.secretOf(id);
    if (!first || !secret) return undefined;
    const { crypto, roomId } = this.#init;
    return openOuter(crypto, roomId, controlOf(first), secret);
  }

  /** Epochs that are open here and that no other names as before it: from them all earlier ones are reached. */
  heads(): EpochSecret[] {
    const before = new Set<string>();
    for (const hex of this.#secrets.keys())
      for (const judged of this.#parts(hex))
        for (const { id } of controlOf(judged).back) before.add(toHex(id));
    return [...this.#secrets]
      .flatMap(([id, secret]) => {
        const [first] = this.#parts(id);
        return first && !before.has(id) ? [{ first, secret }] : [];
      })
      .sort((a, b) => b.first.event.moment - a.first.event.moment)
      .slice(0, EPOCH_BACK_MAX_COUNT)
      .map(({ first, secret }) => ({ id: controlOf(first).id, secret }));
  }

  /** The events of an epoch; once it is open here, those of the very device that made it: an id can be repeated by others. */
  #parts(id: string): readonly Judged[] {
    const { crypto, roomId } = this.#init;
    const parts = this.#events.get(id) ?? [];
    const secret = this.#secrets.get(id);
    if (!secret) return parts;
    return parts.filter((it) => commits(crypto, roomId, it.event.device, controlOf(it), secret));
  }

  /** What wraps that were not tried yet hold for this device. */
  *#unwrap(id: Uint8Array): Iterable<Uint8Array> {
    const { crypto, keyPairs } = this.#init;
    for (const judged of this.#events.get(toHex(id)) ?? []) {
      if (judged.void !== undefined || this.#tried.has(judged)) continue;
      this.#tried.add(judged);
      for (const [secretKey, publicKey] of keyPairs()) {
        const found = openWraps(crypto, controlOf(judged), secretKey, publicKey);
        if (found) yield found;
      }
    }
  }

  #isOpened(moment: number): boolean {
    return moment >= momentOf(this.#init.openedFromMs());
  }
}

export function controlOf(judged: Judged): Epoch {
  return judged.control as Epoch;
}
