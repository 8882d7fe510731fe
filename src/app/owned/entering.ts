/** Coming into a room that has an owner: the claim is made as soon as the room's control events are here, and kept until then. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { isParleyError } from "../../core/codec/errors.ts";
import { inviteSigner, makeClaim, OPEN_CLAIM } from "../../core/room/claim.ts";
import { type Control, encodeControl, kindOf } from "../../core/room/control.ts";
import { dueChanges } from "../private/key-store.ts";
import { introduce } from "./founding.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Acting, OwnedRoom } from "./acting.ts";

const keyOf = (roomId: Uint8Array): string => `enter/${toHex(roomId)}`;

export class Entering {
  readonly #acting: Acting;
  readonly #trying = new Set<string>();

  constructor(acting: Acting) {
    this.#acting = acting;
  }

  /** Wants to come in, by the seed of an invite or by the open door. */
  async begin(room: OwnedRoom, seed: Uint8Array | undefined): Promise<void> {
    const value = seed ?? new Uint8Array(0);
    await this.#acting.context.records.write([{ key: keyOf(room.state.keys.roomId), value }]);
    await this.attempt(room);
  }

  /** The seed of an invite that waits to be used. */
  async seedOf({ state }: JoinedRoom): Promise<Uint8Array | undefined> {
    const seed = await this.#acting.context.init.store.getMeta(keyOf(state.keys.roomId));
    return seed && seed.length > 0 ? seed : undefined;
  }

  /** Makes the claim that waits, if it can be made now. */
  async attempt(room: OwnedRoom): Promise<void> {
    const { context } = this.#acting;
    const { roomId } = room.state.keys;
    const id = toHex(roomId);
    if (this.#trying.has(id)) return;
    this.#trying.add(id);
    try {
      const seed = await context.init.store.getMeta(keyOf(roomId));
      if (seed) await this.#try(room, seed);
    } finally {
      this.#trying.delete(id);
    }
  }

  async #try(room: OwnedRoom, seed: Uint8Array): Promise<void> {
    const { context } = this.#acting;
    const { resolver } = room.governed;
    if (this.#acting.standing(room).rank >= 0) return this.#forget(room);
    const claim = seed.length === 0 ? this.#openClaim(room) : this.#inviteClaim(room, seed);
    if (!claim || resolver.owner() === undefined) return;
    await this.#say(room, claim);
    await this.#forget(room);
    const { rank } = this.#acting.standing(room);
    if (rank >= 1) return introduce(context, room);
    if (rank === 0) return;
    const judged = [...resolver.about(context.root)].at(-1);
    context.notices.set({
      level: "warn",
      code: "not-admitted",
      room: room.state.keys.name,
      text: `You are not let into ${room.state.keys.name}: ${judged ? "somebody has removed you" : "the invite has expired, was revoked or is used up"}.`,
      hint: "Ask for a new ticket.",
    });
  }

  /**
   * Into a private room the key of the device comes with the claim, in one batch and one page: nobody hears of the one without
   * the other, and what is said from then on is sealed to who comes in as well.
   */
  async #say({ governed, outbox, state }: OwnedRoom, claim: Control): Promise<void> {
    const key = governed.ring?.newDeviceKey(this.#acting.context.init.clock.nowMs());
    const said = [outbox.putContent(kindOf(claim), encodeControl(claim))];
    if (key) {
      const { control } = key;
      const meta = dueChanges(state.keys.roomId, { controls: [control], ...key });
      said.push(outbox.putContent(kindOf(control), encodeControl(control), undefined, meta));
    }
    await Promise.all(said);
  }

  #openClaim({ governed: { resolver } }: OwnedRoom): Control | undefined {
    return resolver.isOpen() && !resolver.standing(this.#acting.context.root).banned
      ? OPEN_CLAIM
      : undefined;
  }

  #inviteClaim(
    { governed: { resolver }, state }: OwnedRoom,
    seed: Uint8Array,
  ): Control | undefined {
    const { crypto } = this.#acting.context.init;
    const signer = inviteSigner(crypto, seed);
    for (const { control, void: reason } of resolver.all()) {
      if (control?.type !== "invite" || reason !== undefined) continue;
      if (equal(control.key, signer.publicKey))
        return makeClaim(signer, state.keys.roomId, this.#acting.context.root, control.rank);
    }
    return undefined;
  }

  #forget({ state }: OwnedRoom): Promise<void> {
    const { records } = this.#acting.context;
    return records.write([{ key: keyOf(state.keys.roomId), value: null }]);
  }

  /** The same where nobody waits for it. */
  attemptQuietly(room: OwnedRoom): void {
    this.attempt(room).catch((error: unknown) => {
      if (isParleyError(error, "closed")) return;
      this.#acting.context.init.logger.warn("a claim was not made", { error: String(error) });
    });
  }
}
