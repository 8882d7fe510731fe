/** Invites to a room: made, used, revoked, and the tree of who let whom in (docs/spec/ranks.md, "Invites"). */
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import {
  ROOM_INVITE_LIFETIME_MS,
  ROOM_INVITE_USES_MAX_COUNT,
  TICKET_LIFETIME_MAX_MS,
} from "../../core/codec/limits.ts";
import { momentOf, msOf } from "../../core/log/clock.ts";
import {
  looksLikeRoomTicket,
  makeRoomTicket,
  readRoomTicket,
} from "../../core/network/room-ticket.ts";
import { TICKET_SEED_BYTES } from "../../core/network/ticket.ts";
import { inviteSigner } from "../../core/room/claim.ts";
import { seen } from "../../core/room/control-graph.ts";
import type { EntryRank } from "../../core/room/control.ts";
import type { Judged } from "../../core/room/judged.ts";
import type { AddressInfo } from "../api.ts";
import { chooseAddresses } from "../networks/ticket-addresses.ts";
import type { OwnedApi, RoomInvite, RoomLogEntry, TreeMember } from "../owned-api.ts";
import type { Acting, OwnedRoom } from "./acting.ts";
import type { Moderation } from "./moderation.ts";
import { demand, MODERATOR, rankName } from "./ranks.ts";

type Request = Parameters<OwnedApi["invite"]>[0];

export class RoomInvites {
  readonly #acting: Acting;
  readonly #moderation: Moderation;
  readonly #network: Uint8Array;

  constructor(acting: Acting, moderation: Moderation, network: Uint8Array) {
    this.#acting = acting;
    this.#moderation = moderation;
    this.#network = network;
  }

  async make(
    room: OwnedRoom,
    {
      rank = "member",
      uses = 1,
      lifetimeMs = ROOM_INVITE_LIFETIME_MS,
      lan = false,
      approve = false,
    }: Request,
    addresses: readonly AddressInfo[],
  ): Promise<RoomInvite & { readonly ticket: string }> {
    demand(this.#acting.standing(room), MODERATOR, "invite people");
    checkTerms(uses, lifetimeMs);
    const { context } = this.#acting;
    const { crypto, random, clock } = context.init;
    const seed = random.bytes(TICKET_SEED_BYTES);
    const { publicKey: key } = inviteSigner(crypto, seed);
    const gives: EntryRank = rank === "guest" || approve ? 0 : 1;
    const until = lifetimeMs === null ? null : momentOf(clock.nowMs() + lifetimeMs);
    const as = this.#acting.as(room);
    const asks = approve ? { approve } : {};
    await this.#acting.say(room, { type: "invite", as, key, rank: gives, until, uses, ...asks });
    const ticket = makeRoomTicket(context.signer, {
      isPrivate: room.governed.ring !== undefined,
      network: this.#network,
      roomId: room.state.keys.roomId,
      name: room.state.keys.name,
      root: context.root,
      rank: gives,
      seed,
      until,
      addresses: chooseAddresses(addresses, lan).map(({ address }) =>
        address.replace(/\/p2p\/[^/]+$/, ""),
      ),
    });
    const made = this.list(room).find((each) => each.key === toHex(key)) as RoomInvite;
    return { ...made, ticket };
  }

  list(room: OwnedRoom): RoomInvite[] {
    const all = [...room.governed.resolver.all()];
    return all.flatMap((judged) => {
      const { control } = judged;
      return control?.type === "invite" ? [this.#describe(room, all, judged)] : [];
    });
  }

  /** Whether an invite lets somebody in now. */
  isOpen(room: OwnedRoom, key: Uint8Array, root: Uint8Array): boolean {
    const { resolver } = room.governed;
    if (resolver.standing(root).banned) return false;
    const used = resolver
      .about(root)
      .some(
        ({ control }) =>
          control?.type === "claim" && control.invite && equal(control.invite.key, key),
      );
    return !used && this.list(room).some((it) => it.key === toHex(key) && it.state === "open");
  }

  #describe(room: OwnedRoom, all: readonly Judged[], judged: Judged): RoomInvite {
    const control = judged.control as Extract<Judged["control"], { type: "invite" }>;
    const { clock } = this.#acting.context.init;
    const claims = all.filter(
      ({ control: other, void: reason }) =>
        other?.type === "claim" &&
        reason === undefined &&
        other.invite !== null &&
        equal(other.invite.key, control.key),
    );
    const used = new Set(claims.map(({ event }) => toHex(event.root))).size;
    const revoked = all.some(
      ({ control: other, void: reason }) =>
        other?.type === "revoke" && reason === undefined && equal(other.key, control.key),
    );
    const expired = control.until !== null && momentOf(clock.nowMs()) > control.until;
    const full = control.uses !== null && used >= control.uses;
    return {
      key: toHex(control.key),
      room: room.state.keys.name,
      by: this.#acting.person(room, toHex(judged.event.root)).name,
      rank: rankName(control.rank) ?? "guest",
      expires: control.until === null ? null : new Date(msOf(control.until)).toISOString(),
      uses: control.uses,
      used,
      state:
        judged.void !== undefined
          ? "void"
          : revoked
            ? "revoked"
            : full
              ? "used"
              : expired
                ? "expired"
                : "open",
    };
  }

  /** @param invite a ticket, or the first digits of an invite's key */
  async revoke(room: OwnedRoom, invite: string): Promise<RoomLogEntry> {
    demand(this.#acting.standing(room), MODERATOR, "revoke invites");
    const prefix = looksLikeRoomTicket(invite) ? this.#keyOf(invite) : invite.toLowerCase();
    const found = this.list(room).filter(({ key }) => key.startsWith(prefix));
    const [only] = found;
    if (!only || found.length > 1 || prefix.length < KEY_PREFIX_MIN) {
      throw new ParleyError("unknown-invite", "No single invite to this room begins so.", {
        hint: "{parley room invites ROOM} lists them; a ticket itself is good too.",
      });
    }
    return this.#acting.say(room, {
      type: "revoke",
      as: this.#acting.as(room),
      key: fromHex(only.key),
    });
  }

  #keyOf(ticket: string): string {
    const { crypto } = this.#acting.context.init;
    return toHex(inviteSigner(crypto, readRoomTicket(crypto, ticket).seed).publicKey);
  }

  /** Everybody in the room, and by whom they came in. */
  tree(room: OwnedRoom): TreeMember[] {
    const { resolver } = room.governed;
    return resolver.people().map((root) => {
      const author = toHex(root);
      const entry = this.#entryOf(room, root);
      return {
        ...this.#acting.person(room, author),
        rank: rankName(resolver.standing(root).rank),
        ...entry,
      };
    });
  }

  /** The last event by which somebody came in: a claim of theirs, or a grant to a stranger. */
  #entryOf(
    { governed: { resolver } }: OwnedRoom,
    root: Uint8Array,
  ): Pick<TreeMember, "by" | "invite"> {
    for (const judged of resolver.about(root).toReversed()) {
      const { control, placed, event } = judged;
      if (control?.type === "claim") {
        if (!control.invite) return {};
        const { key } = control.invite;
        for (const other of resolver.all()) {
          const it = other.control;
          const fits = it?.type === "invite" && equal(it.key, key) && other.void === undefined;
          if (fits && seen(placed.past, other.placed))
            return { by: toHex(other.event.root), invite: toHex(key) };
        }
        return {};
      }
      if (control?.type === "grant" && resolver.standing(root, placed.past).rank < 0)
        return { by: toHex(event.root) };
    }
    return {};
  }

  /** Removes somebody and everybody below them in the tree, whom the own rank allows, and revokes what invites they have out. */
  async undo(room: OwnedRoom, who: string, how: "kick" | "ban"): Promise<RoomLogEntry[]> {
    const top = this.#acting.find(room, who);
    const tree = this.tree(room);
    const branch = [top.author];
    for (let at = 0; at < branch.length; at++) {
      for (const { author, by } of tree)
        if (by === branch[at] && !branch.includes(author)) branch.push(author);
    }
    const entries: RoomLogEntry[] = [];
    for (const author of branch) {
      if (author !== top.author && !tree.find((it) => it.author === author)?.rank) continue;
      try {
        entries.push(await this.#moderation.remove(room, author, how));
        for (const key of this.#openOf(room, author)) entries.push(await this.revoke(room, key));
      } catch (error) {
        // Somebody of the own rank or above stays; the one who was named is said.
        if (author === top.author || !isParleyError(error, "not-allowed")) throw error;
      }
    }
    return entries;
  }

  /** Keys of the invites of somebody's that still let people in. */
  #openOf(room: OwnedRoom, author: string): string[] {
    const made = [...room.governed.resolver.all()].flatMap(({ control, event }) =>
      control?.type === "invite" && toHex(event.root) === author ? [toHex(control.key)] : [],
    );
    const open = this.list(room).filter(({ key, state }) => state === "open" && made.includes(key));
    return open.map(({ key }) => key);
  }
}

const KEY_PREFIX_MIN = 8;

function checkTerms(uses: number | null, lifetimeMs: number | null): void {
  const wrongUses =
    uses !== null && !(Number.isInteger(uses) && uses >= 1 && uses <= ROOM_INVITE_USES_MAX_COUNT);
  const wrongTime =
    lifetimeMs !== null && !(lifetimeMs >= 1_000 && lifetimeMs <= TICKET_LIFETIME_MAX_MS);
  if (wrongUses || wrongTime)
    throw new ParleyError(
      "bad-terms",
      `An invite lets in 1 to ${ROOM_INVITE_USES_MAX_COUNT} people, for up to a year.`,
    );
}
