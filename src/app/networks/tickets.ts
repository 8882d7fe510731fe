/** Making, reading and revoking tickets of one private network. */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { TICKET_LIFETIME_MAX_MS, TICKET_USES_MAX_COUNT } from "../../core/codec/limits.ts";
import { decodeInvite, type Invite } from "../../core/network/invite.ts";
import { encodeTicket, makeTicket, TICKET_SEED_BYTES } from "../../core/network/ticket.ts";
import type { AddressInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { MadeTicket, TicketInfo } from "./api.ts";
import type { Membership } from "./membership.ts";
import { chooseAddresses } from "./ticket-addresses.ts";

export const TICKET_LIFETIME_MS = 7 * 24 * 3_600_000;

export interface TicketTerms {
  readonly lifetimeMs?: number;
  readonly uses?: number;
  readonly role?: "member" | "admin";
  /** Private addresses too, where there are public ones. */
  readonly lan?: boolean;
}

export class Tickets {
  readonly #context: Context;
  readonly #membership: Membership;

  constructor(context: Context, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
  }

  /** @throws ParleyError `bad-terms`, `not-allowed`, `no-address` */
  async make(terms: TicketTerms, addresses: readonly AddressInfo[]): Promise<TicketInfo> {
    const { init, root, signer } = this.#context;
    const { lifetimeMs = TICKET_LIFETIME_MS, uses = 1, role = "member" } = terms;
    checkTerms(lifetimeMs, uses);
    const me = this.#membership.me;
    if (!me)
      throw new ParleyError("not-a-member", "You are not a member of that network any more.");
    if (role === "admin" && me.role !== "owner")
      throw new ParleyError("not-allowed", "Only the owner of a network makes admins.");
    const chosen = chooseAddresses(addresses, terms.lan === true);
    if (chosen.length === 0)
      throw new ParleyError(
        "no-address",
        "This node listens nowhere, so a ticket could not be used.",
        {
          hint: "{parley doctor} says why.",
        },
      );
    const { entry } = this.#membership.network;
    const madeS = Math.floor(init.clock.nowMs() / 1000);
    const expiresS = Math.min(
      madeS + Math.ceil(lifetimeMs / 1000),
      // With the outer key in it a ticket ends.
      Math.max(madeS + 1, Math.floor((entry.nextOuter?.fromMs ?? Infinity) / 1000)),
    );
    const ticket = makeTicket(
      init.crypto,
      signer,
      { network: entry.id, name: entry.name, root, role, madeS, expiresS, uses },
      {
        seed: init.random.bytes(TICKET_SEED_BYTES),
        outerKey: entry.outerKey,
        addresses: chosen.map(({ address }) => address.replace(/\/p2p\/[^/]+$/, "")),
      },
    );
    const { invite } = ticket;
    await this.#context.records.write([{ key: this.#key(invite.key), value: invite.wire }]);
    return {
      ticket: encodeTicket(ticket),
      ticketId: toHex(invite.key),
      network: entry.name,
      role,
      expires: timeOf(invite.expiresS),
      uses,
      addresses: chosen,
    };
  }

  /** Tickets made on this device, newest first. */
  async made(): Promise<MadeTicket[]> {
    const { init } = this.#context;
    const prefix = `ticket/${this.#membership.network.scope}/`;
    const nowMs = init.clock.nowMs();
    const invites = (await init.store.listMeta(prefix)).map(({ value }) => decodeInvite(value));
    return invites
      .sort((a, b) => b.madeS - a.madeS)
      .map((invite) => {
        const used = this.#membership.members.usedBy(invite.key).size;
        return {
          ticketId: toHex(invite.key),
          role: invite.role,
          expires: timeOf(invite.expiresS),
          uses: invite.uses,
          used,
          state: this.#stateOf(invite, used, nowMs),
        };
      });
  }

  /** The key of a ticket made on this device, by at least 8 digits of its id; undefined where there is none. */
  async find(id: string): Promise<Uint8Array | undefined> {
    if (!/^[0-9a-f]{8,64}$/i.test(id)) return undefined;
    const prefix = `ticket/${this.#membership.network.scope}/${id.toLowerCase()}`;
    const [found, ...more] = await this.#context.init.store.listMeta(prefix);
    return found && more.length === 0 ? decodeInvite(found.value).key : undefined;
  }

  /** Tells every member that a ticket lets nobody in any more. @throws ParleyError `not-allowed` */
  async revoke(invite: Pick<Invite, "key" | "root">): Promise<void> {
    const role = this.#membership.me?.role ?? "member";
    if (role === "member" && !equal(invite.root, this.#context.root))
      throw new ParleyError(
        "not-allowed",
        "A ticket is revoked by who made it, by admins and by the owner.",
      );
    await this.#membership.write({ type: "revoke", key: invite.key });
  }

  #stateOf(invite: Invite, used: number, nowMs: number): MadeTicket["state"] {
    if (this.#membership.members.isRevoked(invite)) return "revoked";
    if (used >= invite.uses) return "used";
    return nowMs >= invite.expiresS * 1000 ? "expired" : "good";
  }

  #key(key: Uint8Array): string {
    return `ticket/${this.#membership.network.scope}/${toHex(key)}`;
  }
}

function checkTerms(lifetimeMs: number, uses: number): void {
  const days = TICKET_LIFETIME_MAX_MS / 86_400_000;
  if (!(lifetimeMs >= 1000 && lifetimeMs <= TICKET_LIFETIME_MAX_MS))
    throw new ParleyError("bad-terms", `A ticket is good for 1 second to ${days} days.`);
  if (!Number.isInteger(uses) || uses < 1 || uses > TICKET_USES_MAX_COUNT)
    throw new ParleyError("bad-terms", `A ticket lets in 1 to ${TICKET_USES_MAX_COUNT} people.`);
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
