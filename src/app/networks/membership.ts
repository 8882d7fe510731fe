/**
 * A private network from inside: the log in which its members keep who was let in, what was revoked and which secret follows
 * which; letting in others, and taking part in rotations (docs/spec/private-networks.md).
 */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import { x25519SecretKey } from "../../core/crypto/x25519.ts";
import { decodeCertificate } from "../../core/identity/certificate.ts";
import type { Certificate } from "../../core/identity/types.ts";
import { verifyInvite } from "../../core/network/invite.ts";
import {
  encodeGrant,
  joinBytes,
  type JoinRequest,
  readGrant,
  type Refusal,
} from "../../core/network/join.ts";
import { type Member, Members } from "../../core/network/members.ts";
import type { PrivateNetwork } from "../../core/network/ports.ts";
import { encodeRecord, type NetworkRecord } from "../../core/network/records.ts";
import { openRotation, rotationRecords } from "../../core/network/rotation.ts";
import { openSealed, sealTo } from "../../core/network/seal-to.ts";
import { commitmentOf, liveSecrets, networkLog } from "../../core/network/secret.ts";
import { LOWEST } from "../../core/log/order.ts";
import { encodeName } from "../../core/log/content.ts";
import { type Bound, KIND_NAME } from "../../core/log/types.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom, StoredItem } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { OwnNetwork } from "./own-network.ts";

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
  /** Admissions one after the other: uses are counted between them. */
  #admitting: Promise<unknown> = Promise.resolve();

  constructor(context: Context, rooms: Rooms, network: OwnNetwork) {
    this.network = network;
    this.#context = context;
    this.#rooms = rooms;
    this.members = new Members(context.init.crypto, network.id);
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

  /** Writes a record into the log; resolves when it is on disk and has been announced. */
  async write(record: NetworkRecord): Promise<void> {
    const log = this.#log;
    if (!log) throw new ParleyError("network-off", "The network is not open.");
    const { kind, content } = encodeRecord(record);
    this.members.add(await log.outbox.putContent(kind, content));
    this.#tell();
  }

  /**
   * Renews the secret: sealed to the devices of all members but those removed. Those before it are good until `closesMs`.
   * @throws ParleyError `not-allowed`
   */
  async rotate(removed: readonly Uint8Array[], closesMs: number): Promise<number> {
    const { init } = this.#context;
    const role = this.me?.role ?? "member";
    const { members } = this.members.view();
    const above = removed.some((root) => (members.get(toHex(root))?.role ?? "member") !== "member");
    if (role === "member" || (above && role !== "owner"))
      throw new ParleyError(
        "not-allowed",
        "The secret is renewed by the owner and by admins, who remove members alone.",
      );
    const out = new Set(removed.map(toHex));
    const stay = [...members].filter(([root]) => !out.has(root));
    const devices = stay.flatMap(([, { devices: known }]) => [...known.values()]);
    const generation = 1 + Math.max(...this.network.entry.secrets.map((it) => it.generation));
    const rotation = { generation, secret: init.random.bytes(32), closesMs, outer: null, removed };
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

  /** What the transport has to know. */
  side(): PrivateNetwork {
    const { init } = this.#context;
    return {
      crypto: init.crypto,
      id: this.network.id,
      outerKey: this.network.entry.outerKey,
      secrets: () => this.network.entry.secrets,
      isRemoved: (device) => this.members.isRemoved(device),
      door: { answer: (request, asker) => this.#answer(request, asker) },
      memberRequest: () => ({ ticket: null, certificate: this.#context.device.certificate.wire }),
      learn: (sealed) => this.#learn(sealed),
      onChange: (listener) => (this.#transportHears = listener),
    };
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
    for (const { record } of this.members.view().rotations) {
      const opened = openRotation(init.crypto, this.network.id, record, own);
      if (!opened) continue;
      await this.network.learn([opened.secret], record.closesMs);
      const { entry } = this.network;
      const { outerKey } = opened;
      if (outerKey === null || record.outerFromMs === null) continue;
      if (
        equal(outerKey, entry.outerKey) ||
        (entry.nextOuter && equal(outerKey, entry.nextOuter.key))
      )
        continue;
      await this.network.update({ nextOuter: { key: outerKey, fromMs: record.outerFromMs } });
    }
  }

  async #answer(
    request: JoinRequest,
    asker: { readonly device: Uint8Array; readonly nonce: Uint8Array },
  ): Promise<Uint8Array | Refusal> {
    const { crypto } = this.#context.init;
    const certificate = this.#certificate(request.certificate);
    if (!certificate || !equal(certificate.device, asker.device)) return "not-a-member";
    if (this.members.view().removed.has(toHex(certificate.root))) return "member-removed";
    const { ticket } = request;
    if (ticket === null) {
      const known = this.members.view().members.has(toHex(certificate.root));
      return known ? this.#grant(certificate, null) : "not-a-member";
    }
    const { invite, proof } = ticket;
    const { root, device } = certificate;
    const responder = this.#context.device.certificate.device;
    const said = { network: this.network.id, root, device, responder, nonce: asker.nonce };
    if (!equal(invite.network, this.network.id)) return "ticket-network";
    const sound = verifyInvite(crypto, invite) && crypto.verify(invite.key, joinBytes(said), proof);
    const inviter = sound ? await this.#certificateOf(invite.root, invite.device) : undefined;
    if (!inviter) return "ticket-inviter";
    const admitting = this.#admitting.then(() =>
      this.#admit({ invite, proof, nonce: asker.nonce }, certificate, inviter),
    );
    this.#admitting = admitting.catch(() => undefined);
    return admitting;
  }

  async #admit(
    shown: Omit<Extract<NetworkRecord, { type: "admit" }>, "type" | "inviter" | "joiner">,
    joiner: Certificate,
    inviter: Certificate,
  ): Promise<Uint8Array | Refusal> {
    const { clock } = this.#context.init;
    const refusal = this.members.refusalOf(shown.invite, joiner.root, clock.nowMs());
    if (refusal !== undefined) return refusal;
    // Whoever is a member already may bring another device.
    if (!this.members.view().members.get(toHex(joiner.root))?.devices.has(toHex(joiner.device)))
      await this.write({ type: "admit", ...shown, inviter: inviter.wire, joiner: joiner.wire });
    return this.#grant(joiner, inviter);
  }

  /** The secrets that hold now, sealed for one device. */
  #grant(to: Certificate, inviter: Certificate | null): Uint8Array {
    const { random, clock } = this.#context.init;
    const { id, name, founder, nonce, outerKey, secrets } = this.network.entry;
    const live = liveSecrets(secrets, clock.nowMs()).reverse();
    const grant = { network: id, name, founder, nonce, outerKey, secrets: live };
    const plain = encodeGrant({ ...grant, inviter: inviter?.wire ?? null });
    return sealTo(to.x25519, plain, random.bytes(32));
  }

  /** A member has handed over what this device lacked. */
  async #learn(sealed: Uint8Array): Promise<boolean> {
    const { init, device } = this.#context;
    const plain = openSealed(x25519SecretKey(init.crypto, device.seed), sealed);
    if (!plain) return false;
    const grant = readGrant(plain);
    if (!equal(grant.network, this.network.id)) return false;
    // Anybody with the outer key may answer: only what a rotation in the log commits to is believed.
    const { rotations } = this.members.view();
    const proven = grant.secrets.filter(({ secret }) => {
      const commitment = commitmentOf(init.crypto, this.network.id, secret);
      return rotations.some(({ record }) => equal(record.commitment, commitment));
    });
    return this.network.learn(proven, null);
  }

  #certificate(wire: Uint8Array): Certificate | undefined {
    try {
      return decodeCertificate(this.#context.init.crypto, wire);
    } catch (error) {
      if (isParleyError(error, "bad-certificate")) return undefined;
      throw error;
    }
  }

  /** The certificate of a device of a member, from the log or from elsewhere in the store. */
  async #certificateOf(root: Uint8Array, device: Uint8Array): Promise<Certificate | undefined> {
    const known = this.members.view().members.get(toHex(root))?.devices.get(toHex(device));
    if (known) return known;
    const own = this.#context.device.certificate;
    if (equal(own.root, root) && equal(own.device, device)) return own;
    const wire = await this.#context.init.store.certificate(root, device);
    return wire && this.#certificate(wire);
  }
}
