/**
 * A private network from inside: the log in which its members keep who was let in, what was revoked and which secret follows
 * which; letting in others, and taking part in rotations (docs/spec/private-networks.md).
 */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { x25519SecretKey } from "../../core/crypto/x25519.ts";
import type { Certificate } from "../../core/identity/types.ts";
import { seedSigner } from "../../core/network/invite.ts";
import { JOIN_NONCE_BYTES, joinProof } from "../../core/network/join.ts";
import { type Member, Members } from "../../core/network/members.ts";
import type { PrivateNetwork } from "../../core/network/ports.ts";
import { encodeRecord, type NetworkRecord } from "../../core/network/records.ts";
import { openRotation, rotationRecords } from "../../core/network/rotation.ts";
import { networkLog } from "../../core/network/secret.ts";
import { makeTicket, TICKET_SEED_BYTES } from "../../core/network/ticket.ts";
import { LOWEST } from "../../core/log/order.ts";
import { encodeName } from "../../core/log/content.ts";
import { type Bound, KIND_NAME } from "../../core/log/types.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom, StoredItem } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { Door } from "./door.ts";
import { lacksOuter, newestOuter } from "./outer-key.ts";
import type { OwnNetwork } from "./own-network.ts";

/** A ticket to oneself, used at once. */
const OWN_TICKET_S = 600;
/** Events read at a time. */
const READ_COUNT = 512;

export class Membership {
  readonly network: OwnNetwork;
  readonly members: Members;
  readonly #context: Context;
  readonly #rooms: Rooms;
  #log: JoinedRoom | undefined;
  /** Of the transport that runs now. */
  #transportHears: () => void = () => undefined;
  readonly #listeners = new Set<() => void>();
  readonly #door: Door;

  constructor(context: Context, rooms: Rooms, network: OwnNetwork) {
    this.network = network;
    this.#context = context;
    this.#rooms = rooms;
    this.members = new Members(context.init.crypto, network.id);
    this.#door = new Door({
      context,
      network,
      members: this.members,
      write: (record) => this.write(record),
      follow: () => this.#follow(),
    });
    network.onChange(() => this.#tell());
  }

  /** Opens the log and reads it; in a network that was founded just now, begins it. */
  async open(): Promise<void> {
    const { init, root } = this.#context;
    const keys = networkLog(init.crypto, this.network.id);
    const { founder } = this.network.entry;
    const fresh = equal(founder, root) && (await init.store.room(keys.roomId)).count() === 0;
    this.#log = await this.#rooms.openHidden(keys, fresh);
    const { log } = this.#log.state;
    let lower: Bound = LOWEST;
    for (let more = true; more;) {
      // The bound is inclusive: the last one read comes again.
      const events = await log.read({ lower, limit: READ_COUNT });
      for (const event of events) this.members.add(event);
      const last = events.at(-1);
      more = events.length === READ_COUNT;
      if (last) lower = { moment: last.moment, prefix: last.id };
    }
    if (fresh) await this.#found();
    await this.#follow();
  }

  /** Whether a log that has news is this one. */
  owns(roomId: Uint8Array): boolean {
    return this.#log !== undefined && equal(this.#log.state.keys.roomId, roomId);
  }

  /** Records of others are on disk. */
  arrived(stored: readonly StoredItem[]): void {
    const state = this.#log?.state;
    if (!state) return;
    let news = false;
    for (const { event, outcome } of stored) {
      if (outcome !== "new" && outcome !== "equivocation") continue;
      state.headsMoved = true;
      if (event.kind === KIND_NAME) state.names.take(event);
      else news = this.members.add(event) || news;
    }
    if (!news) return;
    this.#follow()
      .then(() => this.#introduce())
      .then(() => this.#tell())
      .catch((error: unknown) => {
        this.#context.init.logger.warn("a new secret was not taken", { error: String(error) });
      });
  }

  /** Somebody has told what they hold of the log. */
  held(): void {
    this.#tell();
  }

  /** Whether this member's records, the name above all, are held by somebody else too. */
  get introduced(): boolean {
    const { author, device, name } = this.#context;
    const state = this.#log?.state;
    if (!this.me || !state?.tip || (name !== "" && !state.names.get(author))) return false;
    return state.delivery.heldSeq(device.certificate.device) >= state.tip.seq;
  }

  /** Writes a record into the log; resolves when it is on disk and has been announced. */
  async write(record: NetworkRecord): Promise<void> {
    const log = this.#log;
    if (!log) throw new ParleyError("network-off", "The network is not open.");
    const { kind, content } = encodeRecord(record);
    this.members.add(await log.outbox.putContent(kind, content));
    this.#tell();
  }

  /** Has the other members know another device of this one, as if it had shown a ticket: secrets to come are sealed to it too. */
  async admitDevice(joiner: Certificate): Promise<void> {
    const { init, root, device, signer } = this.#context;
    if (!this.me || this.me.devices.has(toHex(joiner.device))) return;
    const { crypto, random, clock } = init;
    const { id, name, outerKey } = this.network.entry;
    const madeS = Math.floor(clock.nowMs() / 1_000);
    const terms = { network: id, name, root, role: "member" as const, madeS, uses: 1 };
    const seed = random.bytes(TICKET_SEED_BYTES);
    const { invite } = makeTicket(
      crypto,
      signer,
      { ...terms, expiresS: madeS + OWN_TICKET_S },
      { seed, outerKey, addresses: [] },
    );
    const nonce = random.bytes(JOIN_NONCE_BYTES);
    const responder = signer.publicKey;
    const said = { network: id, root, device: joiner.device, responder, nonce };
    const proof = joinProof(seedSigner(crypto, seed), said);
    const inviter = device.certificate.wire;
    await this.write({ type: "admit", invite, inviter, joiner: joiner.wire, nonce, proof });
  }

  /**
   * Renews the secret: sealed to the devices of all members but those removed, and none that was revoked. Those before it are good until `closesMs`.
   * @param withOuter whether the key of the outer fence changes too, at `closesMs`
   * @throws ParleyError `not-allowed`, `outer-pending`
   */
  async rotate(
    removed: readonly Uint8Array[],
    closesMs: number,
    withOuter = false,
  ): Promise<number> {
    const { init, revocations } = this.#context;
    const role = this.me?.role ?? "member";
    const { members } = this.members.view();
    const above = removed.some((root) => (members.get(toHex(root))?.role ?? "member") !== "member");
    if (role === "member" || (above && role !== "owner"))
      throw new ParleyError(
        "not-allowed",
        "The secret is renewed by the owner and by admins, who remove members alone.",
      );
    if (withOuter && this.network.entry.nextOuter)
      throw new ParleyError("outer-pending", "The outer key is about to change already.", {
        hint: "{parley net show|/net show} says when.",
      });
    const out = new Set(removed.map(toHex));
    const stay = [...members].filter(([root]) => !out.has(root));
    const devices = stay.flatMap(([root, { devices: known }]) =>
      [...known].flatMap(([device, it]) => (revocations.isRevoked(root, device) ? [] : [it])),
    );
    const generation = 1 + Math.max(...this.network.entry.secrets.map((it) => it.generation));
    const outer = withOuter ? { key: init.random.bytes(32), fromMs: closesMs } : null;
    const rotation = { generation, secret: init.random.bytes(32), closesMs, outer, removed };
    for (const record of rotationRecords(init, this.network.id, rotation, devices))
      await this.write(record);
    await this.#follow();
    return generation;
  }

  /** Calls `listener` whenever members, tickets or secrets have changed; the returned function ends it. */
  hear(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    this.#transportHears();
    for (const listener of this.#listeners) listener();
  }

  get me(): Member | undefined {
    return this.members.view().members.get(this.#context.author);
  }

  /** What the transport has to know. @param linking tickets that make a device one's own */
  side(linking: { readonly isOut: boolean }): PrivateNetwork {
    const { init } = this.#context;
    return {
      crypto: init.crypto,
      id: this.network.id,
      outerKey: this.network.entry.outerKey,
      secrets: () => this.network.entry.secrets,
      isRemoved: (device) => this.members.isRemoved(device),
      isLinking: () => linking.isOut,
      door: this.#door,
      lacksKey: () => this.#lacksKey(),
      memberRequest: () => ({ ticket: null, certificate: this.#context.device.certificate.wire }),
      learn: (sealed) => this.#door.learn(sealed),
      onChange: (listener) => (this.#transportHears = listener),
    };
  }

  /** A rotation was not sealed to this device, which came into use after it. */
  #lacksKey(): boolean {
    const { rotations } = this.members.view();
    const { entry } = this.network;
    const newest = Math.max(...entry.secrets.map(({ generation }) => generation));
    return (
      rotations.some(({ record }) => record.generation > newest) ||
      lacksOuter(rotations, entry, this.#context.init.clock.nowMs())
    );
  }

  /** Says what this member is called, once: nobody should have to write a message for that. */
  async #introduce(): Promise<void> {
    const { author, name } = this.#context;
    if (!this.#log || !this.me || name === "" || this.#log.state.names.get(author)) return;
    await this.#log.outbox.putContent(KIND_NAME, encodeName(name));
  }

  async #found(): Promise<void> {
    const { name, nonce } = this.network.entry;
    const certificate = this.#context.device.certificate.wire;
    await this.write({ type: "found", name, nonce, certificate });
  }

  /** Takes the secrets of rotations in the log, where this device is among those they are for. */
  async #follow(): Promise<void> {
    const { init, device } = this.#context;
    const own = {
      device: device.certificate.device,
      x25519Secret: x25519SecretKey(init.crypto, device.seed),
    };
    const { rotations } = this.members.view();
    for (const { record } of rotations) {
      const opened = openRotation(init.crypto, this.network.id, record, own);
      if (opened) await this.network.learn([opened.secret], record.closesMs);
    }
    // Only the newest: those before it have had their time.
    for (const { record } of newestOuter(rotations)) {
      const key = openRotation(init.crypto, this.network.id, record, own)?.outerKey;
      const { outerKey, nextOuter } = this.network.entry;
      if (!key || record.outerFromMs === null || equal(key, outerKey)) continue;
      if (nextOuter && equal(nextOuter.key, key)) continue;
      await this.network.update({ nextOuter: { key, fromMs: record.outerFromMs } });
    }
  }
}
