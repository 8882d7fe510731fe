/**
 * The keys that one device holds of a private room: which secret it may send under, what it opens with, and what it has to
 * say before it may send (docs/spec/private-rooms.md).
 */
import { equal, fromUtf8, toHex } from "../codec/bytes.ts";
import { fromBase64, toBase64 } from "../codec/base64.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import { DEVICE_KEY_LIFETIME_MS, EPOCH_LIFETIME_MS } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { EPOCH_MS, momentOf, msOf } from "../log/clock.ts";
import { KIND_SEALED, type LogEvent } from "../log/types.ts";
import { type Census, censusOf, onlyGrew, placeOf, type SealedDevice } from "./census.ts";
import type { Control, History } from "./control.ts";
import type { Judged } from "./judged.ts";
import { makeEpoch, type RandomBytes } from "./epoch.ts";
import { type DeviceSecret, DeviceKeys } from "./device-keys.ts";
import { controlOf, EpochBook, type EpochSecret } from "./epoch-book.ts";
import { KEY_BYTES } from "./epoch-fields.ts";
import { LateKeys } from "./late-keys.ts";
import { mayRead } from "./reading.ts";
import type { Resolver } from "./resolver.ts";
import {
  EPOCH_NAME_BYTES,
  openSaid,
  openSetting,
  readSealed,
  type Said,
  saying,
  sealSaid,
  sealSetting,
} from "./sealing.ts";

const NONCE_BYTES = 24;

/** The key that hides traffic, and the epoch with which it was handed over; without one, that of the founding. */
export interface Outer {
  readonly key: Uint8Array;
  readonly epoch: Uint8Array | null;
}

export interface KeyRingInit {
  readonly crypto: Crypto;
  readonly random: RandomBytes;
  readonly resolver: Resolver;
  readonly roomId: Uint8Array;
  readonly root: Uint8Array;
  /** The device that signs now. */
  readonly device: () => Uint8Array;
  /** What was kept of a former run. */
  readonly outer: Outer;
  readonly deviceSecrets: readonly DeviceSecret[];
  /** By id. */
  readonly epochs: readonly EpochSecret[];
  /** Epochs older than this are opened no more: their secrets were deleted. ms since the Unix epoch. */
  readonly openedFromMs?: () => number;
  /** Age at which the device takes another X25519 key. */
  readonly deviceKeyLifetimeMs?: () => number;
}

/** What has to be said before a message, and what has to be kept by then. */
export interface Due {
  readonly controls: readonly Control[];
  readonly deviceSecret?: DeviceSecret;
  readonly epoch?: EpochSecret;
  /** Where nothing has to be said: what is said now goes under it. */
  readonly current?: EpochSecret;
}

/** Sealed content that was opened, and where it stood. */
interface Opened {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  readonly seq: number;
  /** As messages name it. */
  readonly epoch: Uint8Array;
  readonly said: Said;
}

/** Under which epoch a device may send, and until when, ms. */
interface Ready {
  readonly device: Uint8Array;
  readonly untilMs: number;
  readonly epoch: EpochSecret;
}

export class KeyRing {
  /** Secrets of epochs that came to be known, to be kept. */
  onLearned: (epochs: readonly EpochSecret[]) => void = () => undefined;
  readonly #init: KeyRingInit;
  readonly #deviceKeys = new DeviceKeys();
  readonly #book: EpochBook;
  #census: Census | undefined;
  #fit: readonly Judged[] | undefined;
  /** What `due` has found, while it holds. */
  #ready: Ready | undefined;
  #outer: Outer;
  readonly #late = new LateKeys();
  /** Whether the control events that were kept are in. */
  #begun = false;
  /** What was sealed or opened here, by the sealed content: view, names and counts read one event one after the other. */
  #opened = new WeakMap<Uint8Array, Opened>();

  constructor(init: KeyRingInit) {
    this.#init = init;
    this.#outer = init.outer;
    for (const each of init.deviceSecrets) this.#deviceKeys.keep(each);
    this.#book = new EpochBook({
      ...init,
      openedFromMs: init.openedFromMs ?? (() => EPOCH_MS),
      keyPairs: () => this.#deviceKeys.pairs(),
    });
    for (const { id, secret } of init.epochs) this.#book.keep(id, secret);
    for (const judged of init.resolver.all()) this.#book.note(judged);
  }

  get history(): History {
    return this.#init.resolver.history() ?? "since-join";
  }

  /** Control events have come. */
  changed(ids: readonly Uint8Array[]): void {
    this.#census = undefined;
    this.#unsettle();
    const fresh = new Set<string>();
    for (const id of ids) {
      const judged = this.#init.resolver.get(id);
      if (!judged) continue;
      if (this.#begun && judged.control?.type === "epoch") fresh.add(toHex(judged.control.id));
      this.#book.note(judged);
    }
    this.#begun = true;
    this.#learn([], fresh);
  }

  /** Who is in the room now, as far as is known here. */
  get census(): Census {
    return (this.#census ??= censusOf(this.#init.crypto, this.#init.resolver));
  }

  /** Whether a device was taken out by another one of the same person. */
  isOut(root: Uint8Array, device: Uint8Array): boolean {
    return this.census.out.has(placeOf(root, device));
  }

  /** The epoch to send under: the one with the lowest id of those that fit. */
  current(nowMs: number): EpochSecret | undefined {
    const fresh = this.#fitting().filter(
      (judged) =>
        judged.event.moment > momentOf(nowMs - EPOCH_LIFETIME_MS) &&
        !this.#book.isFull(controlOf(judged).id),
    );
    return this.#book.lowest(fresh);
  }

  /** The key that hides traffic: that of the epoch in force, or of the last one that was. */
  outer(): Outer {
    const epoch = this.#book.lowest(this.#fitting())?.id;
    const key = epoch && this.#book.outerOf(epoch);
    if (key) this.#outer = { key, epoch };
    return this.#outer;
  }

  /** Somebody in the room says under which key its traffic goes: good until an epoch says so. */
  handed(outer: Outer): void {
    this.#outer = outer;
  }

  /** Whether its person is one of those who read in the room, by what is known here. */
  get mayRead(): boolean {
    return mayRead(this.#init.resolver, this.#init.root);
  }

  /** Whether this device can open what is said now. */
  get reads(): boolean {
    return this.#fitting().length > 0;
  }

  /**
   * What has to be said before anything can be sealed. Nothing for somebody who does not read in the room.
   * @throws ParleyError `device-revoked`
   */
  due(nowMs: number): Due {
    const { crypto, random, resolver, root, roomId } = this.#init;
    const device = this.#init.device();
    const ready = this.#ready;
    if (ready && nowMs < ready.untilMs && equal(ready.device, device))
      if (!this.#book.isFull(ready.epoch.id)) return { controls: [], current: ready.epoch };
    if (!mayRead(resolver, root)) return { controls: [] };
    if (this.isOut(root, device))
      throw new ParleyError("device-revoked", "This device was revoked by another of yours.");
    const mine = this.census.devices.find((it) => equal(it.device, device) && equal(it.root, root));
    const held = mine && this.#deviceKeys.of(mine.key);
    const keyUntilMs = held ? held.madeMs + this.#deviceKeyLifetimeMs() : -Infinity;
    const stays = nowMs < keyUntilMs;
    const current = stays ? this.current(nowMs) : undefined;
    if (current) {
      const moment = this.#book.first(current.id)?.event.moment ?? 0;
      const untilMs = Math.min(keyUntilMs, msOf(moment) + EPOCH_LIFETIME_MS);
      this.#ready = { device, untilMs, epoch: current };
      return { controls: [], current };
    }
    const controls: Control[] = [];
    let ahead: SealedDevice | undefined;
    let deviceSecret: DeviceSecret | undefined;
    if (!stays) {
      const made = this.newDeviceKey(nowMs);
      ({ deviceSecret } = made);
      ahead = { root, device, key: made.control.key };
      controls.push(made.control);
    }
    const census = ahead ? censusOf(crypto, resolver, resolver.view(), ahead) : this.census;
    const made = makeEpoch(crypto, random, {
      roomId,
      census,
      device,
      outer: this.#nextOuter(census),
      back: this.history === "all" ? this.#book.heads() : [],
    });
    this.#book.keep(made.id, made.secret);
    this.#unsettle();
    return {
      controls: [...controls, ...made.controls],
      ...(deviceSecret ? { deviceSecret } : {}),
      epoch: { id: made.id, secret: made.secret },
    };
  }

  /** Another key for this device, held from now on: what names it, and what has to be kept by then. */
  newDeviceKey(nowMs: number): {
    readonly control: Extract<Control, { type: "device" }>;
    readonly deviceSecret: DeviceSecret;
  } {
    const deviceSecret = { secret: this.#init.random(KEY_BYTES), madeMs: nowMs };
    const key = this.#deviceKeys.keep(deviceSecret);
    return { control: { type: "device", as: 0, key }, deviceSecret };
  }

  /**
   * The content of an event that says something, under the epoch that `due` has named, or the current one.
   * @throws ParleyError `no-epoch`
   */
  seal(
    place: { readonly device: Uint8Array; readonly seq: number },
    said: Said,
    nowMs: number,
    under?: EpochSecret,
  ): Uint8Array {
    const { crypto, random, roomId, root } = this.#init;
    const epoch = under ?? this.#demand(nowMs);
    const content = sealSaid(crypto, { roomId, root, ...place }, epoch, random(NONCE_BYTES), said);
    const name = epoch.id.subarray(0, EPOCH_NAME_BYTES);
    this.#opened.set(content, { root, ...place, epoch: name, said });
    return content;
  }

  /** An event as it reads once it is open; as it is where it cannot be opened, or is not sealed. */
  open<T extends LogEvent>(event: T): T {
    if (event.kind !== KIND_SEALED) return event;
    const known = this.#opened.get(event.content);
    const isThere = known && known.seq === event.seq && equal(known.device, event.device);
    if (isThere && equal(known.root, event.root)) return saying(event, known.said);
    const sealed = readSealed(event.content);
    const epoch = sealed && this.#book.named(sealed.epoch);
    if (sealed && !epoch) this.#late.shut(sealed.epoch);
    if (!sealed || !epoch) return event;
    const { crypto, roomId } = this.#init;
    const { root, device, seq } = event;
    const said = openSaid(crypto, { roomId, root, device, seq }, sealed, epoch.secret);
    if (!said) return event;
    this.#opened.set(event.content, { root, device, seq, epoch: sealed.epoch, said });
    return saying(event, said);
  }

  /** A text about the room, such as its topic, for a control event. @throws ParleyError `no-epoch` */
  sealText(text: string, nowMs: number): string {
    const { crypto, random, roomId } = this.#init;
    return toBase64(sealSetting(crypto, roomId, this.#demand(nowMs), random(NONCE_BYTES), text));
  }

  /** Undefined where it cannot be opened. */
  openText(text: string): string | undefined {
    const { crypto, roomId } = this.#init;
    try {
      const sealed = readSealed(fromBase64(text));
      const epoch = sealed && this.#book.named(sealed.epoch);
      const plain = sealed && epoch && openSetting(crypto, roomId, sealed, epoch.secret);
      return plain && fromUtf8(plain);
    } catch (error) {
      if (isParleyError(error)) return undefined;
      throw error;
    }
  }

  /** A message is stored: after so many another epoch is made. */
  tally({ kind, content }: LogEvent): void {
    if (kind !== KIND_SEALED) return;
    const sealed = this.#opened.get(content) ?? readSealed(content);
    if (sealed) this.#book.tally(sealed.epoch);
  }

  /**
   * The secrets of epochs that somebody in the room asks for and may have: all, or those made while they were in it.
   * Nothing for who is not.
   */
  secretsFor(root: Uint8Array, ids: readonly Uint8Array[]): EpochSecret[] {
    const { resolver } = this.#init;
    if (!mayRead(resolver, root)) return [];
    return ids.flatMap((id) => {
      const secret = this.#book.secretOf(id);
      const first = this.#book.first(id);
      if (!secret || !first) return [];
      const may = this.history === "all" || mayRead(resolver, root, first.placed.past);
      return may ? [{ id, secret }] : [];
    });
  }

  /** Ids of epochs whose secrets this person may have and that are not here, newest first. */
  lacking(): Uint8Array[] {
    const { resolver, root } = this.#init;
    if (!mayRead(resolver, root)) return [];
    const all = this.#book.lacking();
    if (this.history === "all") return all;
    return all.filter((id) => {
      const first = this.#book.first(id);
      return first && mayRead(resolver, root, first.placed.past);
    });
  }

  /** Takes secrets that somebody offers. */
  learn(offered: readonly EpochSecret[]): void {
    this.#learn(offered, new Set());
  }

  /** @param fresh epochs (hex) that were not here until now */
  #learn(offered: readonly EpochSecret[], fresh: ReadonlySet<string>): void {
    const learned = this.#book.learn(offered);
    this.#unsettle();
    if (learned.length === 0) return;
    for (const { id } of learned) {
      const moment = this.#book.first(id)?.event.moment ?? 0;
      this.#late.came(id, moment, fresh.has(toHex(id)));
    }
    this.onLearned(learned);
  }

  /** The moment of the earliest epoch whose secret has come since this was asked last, after what is sealed under it. */
  takeLate(): number | undefined {
    return this.#late.take();
  }

  /** Forgets what a room that forgets its messages needs no more; the ids of what went. */
  forget(beforeMs: number): Uint8Array[] {
    this.#unsettle();
    this.#opened = new WeakMap();
    return this.#book.forget(beforeMs);
  }

  /** Forgets the keys of this device that were made before. */
  forgetDeviceKeys(beforeMs: number): void {
    this.#unsettle();
    this.#deviceKeys.forget(beforeMs);
  }

  // ------------------------------------------------------------ parts

  #deviceKeyLifetimeMs(): number {
    return this.#init.deviceKeyLifetimeMs?.() ?? DEVICE_KEY_LIFETIME_MS;
  }

  #unsettle(): void {
    this.#fit = undefined;
    this.#ready = undefined;
  }

  #fitting(): readonly Judged[] {
    return (this.#fit ??= this.#book.fitting(this.census));
  }

  #demand(nowMs: number): EpochSecret {
    const epoch = this.current(nowMs);
    if (epoch) return epoch;
    throw new ParleyError("no-epoch", "There is no key yet for those who are in the room now.");
  }

  /** Another key when somebody has gone who had the one in force, and when nobody can tell. */
  #nextOuter(census: Census): Uint8Array {
    const { crypto, resolver, random } = this.#init;
    const handed = this.#outer;
    const inForce = this.#book.lowest(this.#fitting())?.id ?? this.#book.newest() ?? handed.epoch;
    if (inForce === null) return this.#book.size === 0 ? handed.key : random(KEY_BYTES);
    const first = this.#book.first(inForce);
    if (!first) return random(KEY_BYTES);
    const then = censusOf(crypto, resolver, first.placed.past);
    const known = equal(then.hash, controlOf(first).census);
    const key = this.#book.outerOf(inForce) ?? handed.key;
    return known && onlyGrew(then, census) ? key : random(KEY_BYTES);
  }
}
