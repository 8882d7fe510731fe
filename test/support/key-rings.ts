/** People with rings of keys over the control events of one private room, handed from one to the other by the test. */
import { concat, toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { encodeText } from "../../src/core/log/content.ts";
import { EPOCH_MS, momentOf } from "../../src/core/log/clock.ts";
import { KIND_SEALED, KIND_TEXT, type LogEvent } from "../../src/core/log/types.ts";
import type { Census } from "../../src/core/room/census.ts";
import {
  type Control,
  encodeControl,
  type Epoch,
  type History,
  kindOf,
  successorCommitment,
} from "../../src/core/room/control.ts";
import { makeEpoch } from "../../src/core/room/epoch.ts";
import type { EpochSecret } from "../../src/core/room/epoch-book.ts";
import type { ControlEvent } from "../../src/core/room/judged.ts";
import type { DeviceSecret } from "../../src/core/room/device-keys.ts";
import { KeyRing, type Outer } from "../../src/core/room/key-ring.ts";
import { Resolver } from "../../src/core/room/resolver.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { key } from "./control.ts";
import { SeededRandom } from "./seeded-random.ts";

export const FOUNDED_MS = Date.UTC(2026, 0, 1);

/** A room, and everything that was said about it. */
export class SealedRoom {
  readonly roomId: Uint8Array;
  readonly events: ControlEvent[] = [];
  readonly random = new SeededRandom(7);
  nowMs = FOUNDED_MS;
  #count = 0;

  constructor(history: History = "all") {
    const successor = successorCommitment(nodeCrypto, key("successor"));
    const control: Control = {
      type: "create",
      as: 4,
      nonce: new Uint8Array(16),
      successor,
      history,
    };
    const founding = this.event("ana", 1, [], control);
    this.roomId = founding.id;
    this.events.push(founding);
  }

  event(device: string, seq: number, auth: readonly Uint8Array[], control: Control): ControlEvent {
    const [author = ""] = device.split("/");
    const content = encodeControl(control);
    return {
      id: nodeCrypto.sha256(concat(utf8(`${device} ${seq} ${++this.#count}`), content)),
      root: key(`root ${author}`),
      device: key(`device ${device}`),
      seq,
      kind: kindOf(control),
      moment: momentOf(this.nowMs) + this.#count,
      auth,
      content,
    };
  }
}

/** One device of somebody; "bob" or "bob/phone". */
export class RingOwner {
  readonly name: string;
  readonly room: SealedRoom;
  readonly resolver: Resolver;
  readonly ring: KeyRing;
  readonly learned: EpochSecret[] = [];
  readonly kept: { epochs: EpochSecret[]; deviceSecrets: DeviceSecret[] };
  /** Epochs older than this it opens no more. */
  openedFromMs = EPOCH_MS;
  /** The device that signs now. */
  signing: string;
  #seq: number;

  constructor(
    room: SealedRoom,
    name: string,
    outer: Outer = { key: key("outer"), epoch: null },
    before?: Pick<RingOwner, "nextSeq" | "kept">,
  ) {
    this.name = name;
    this.signing = name;
    this.room = room;
    this.resolver = new Resolver(nodeCrypto, room.roomId);
    this.#seq = before?.nextSeq ?? (name === "ana" ? 1 : 0);
    this.kept = before?.kept ?? { epochs: [], deviceSecrets: [] };
    this.ring = new KeyRing({
      crypto: nodeCrypto,
      random: (length) => room.random.bytes(length),
      resolver: this.resolver,
      roomId: room.roomId,
      root: this.root,
      device: () => this.device,
      outer,
      openedFromMs: () => this.openedFromMs,
      ...this.kept,
    });
    this.ring.onLearned = (epochs) => this.learned.push(...epochs);
    this.hear();
  }

  get root(): Uint8Array {
    return key(`root ${this.name.split("/")[0]}`);
  }

  get device(): Uint8Array {
    return key(`device ${this.signing}`);
  }

  get nextSeq(): number {
    return this.#seq;
  }

  /** Takes everything that was said, or these events. */
  hear(events: readonly ControlEvent[] = this.room.events): void {
    for (const event of events) this.resolver.add(event);
    this.ring.changed(events.map(({ id }) => id));
  }

  say(control: Control): ControlEvent {
    const auth = [...this.resolver.heads()].map(({ event }) => event.id);
    const sorted = auth.sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
    const event = this.room.event(this.signing, ++this.#seq, sorted, control);
    this.room.events.push(event);
    this.hear([event]);
    return event;
  }

  /** Says what is due before anything can be sealed; the events. */
  sayDue(): ControlEvent[] {
    const due = this.ring.due(this.room.nowMs);
    if (due.epoch) this.kept.epochs.push(due.epoch);
    if (due.deviceSecret) this.kept.deviceSecrets.push(due.deviceSecret);
    return due.controls.map((control) => this.say(control));
  }

  /** Lets somebody in as a member. */
  grant(other: string, rank: 0 | 1 = 1): ControlEvent {
    return this.say({ type: "grant", as: 4, subject: key(`root ${other}`), rank });
  }

  kick(other: string): ControlEvent {
    return this.say({ type: "kick", as: 4, subject: key(`root ${other}`), cuts: [] });
  }
}

/** An event of somebody as it is stored, sealed under the epoch in force. */
export function sealed(one: RingOwner, text: string, seq = 1): LogEvent {
  const said = { kind: KIND_TEXT, content: encodeText(text) };
  return {
    id: key(`${one.name} ${text}`),
    root: one.root,
    device: one.device,
    kind: KIND_SEALED,
    seq,
    prev: null,
    parents: [],
    auth: [],
    moment: 1,
    content: one.ring.seal({ device: one.device, seq }, said, one.room.nowMs),
    signature: new Uint8Array(64),
  };
}

/** Whether somebody reads what is said. */
export function reads(one: RingOwner, event: LogEvent): boolean {
  return one.ring.open(event).kind === KIND_TEXT;
}

/** Ana's room with these people in it, each with a key of their device. */
export function roomOf(
  history: "all" | "since-join",
  ...names: string[]
): [SealedRoom, RingOwner[]] {
  const room = new SealedRoom(history);
  const ana = new RingOwner(room, "ana");
  ana.sayDue();
  const all = [ana];
  for (const name of names) {
    ana.grant(name);
    const one = new RingOwner(room, name, ana.ring.outer());
    one.sayDue();
    all.push(one);
    for (const each of all) each.hear();
  }
  return [room, all];
}

/** The events of an epoch that somebody makes for whom they like. */
export function epochOf({ room, device }: RingOwner, census: Census): readonly Epoch[] {
  const random = (length: number): Uint8Array => room.random.bytes(length);
  const { roomId } = room;
  const outer = key("outer");
  return makeEpoch(nodeCrypto, random, { roomId, census, device, outer, back: [] }).controls;
}

export function outerOf(one: RingOwner): string {
  return toHex(one.ring.outer().key);
}
