/** Asking to be let into a private network by a ticket, and keeping what is granted. */
import { equal } from "../../core/codec/bytes.ts";
import { x25519SecretKey } from "../../core/crypto/x25519.ts";
import { decodeCertificate } from "../../core/identity/certificate.ts";
import { seedSigner } from "../../core/network/invite.ts";
import {
  type Grant,
  joinProof,
  type JoinRequest,
  readGrant,
  type Refusal,
} from "../../core/network/join.ts";
import { openSealed } from "../../core/network/seal-to.ts";
import { privateNetworkId } from "../../core/network/secret.ts";
import type { Ticket } from "../../core/network/ticket.ts";
import { canonicalNetworkName } from "../../core/room/open-room.ts";
import type { Networks } from "./networks.ts";
import { scopeOf } from "./record.ts";
import { refusalError } from "./refusals.ts";

/** What the wiring does to join: a node with the outer key alone that asks to be let in. */
export type JoinPort = (request: {
  readonly deviceSeed: Uint8Array;
  readonly scope: string;
  readonly outerKey: Uint8Array;
  readonly addresses: readonly string[];
  readonly waitMs: number;
  readonly make: (nonce: Uint8Array, responder: Uint8Array) => JoinRequest;
}) => Promise<Uint8Array | Refusal>;

export class Joining {
  readonly #networks: Networks;
  readonly #join: JoinPort;

  constructor(networks: Networks, join: JoinPort) {
    this.#networks = networks;
    this.#join = join;
  }

  /** @throws ParleyError `unreachable` where nobody has answered in time, and one of the refusals */
  async enter(ticket: Ticket, as: string | undefined, waitMs: number): Promise<void> {
    const { init } = this.#networks;
    const { invite, outerKey, seed } = ticket;
    const own = this.#networks.byScope(scopeOf(invite.network));
    const name = own?.entry.name ?? canonicalNetworkName(as ?? invite.name);
    if (!own) this.#networks.checkFree(name);
    const { certificate, seed: deviceSeed } = init.device;
    const peer = init.peerIdOf(invite.device);
    const addresses = ticket.addresses.map((address) => `${address}/p2p/${peer}`);
    const answer = await this.#join({
      deviceSeed,
      scope: scopeOf(invite.network),
      outerKey,
      addresses,
      waitMs,
      make: (nonce, responder) => {
        const { root, device } = certificate;
        const said = { network: invite.network, root, device, responder, nonce };
        const proof = joinProof(seedSigner(init.crypto, seed), said);
        return { ticket: { invite, proof }, certificate: certificate.wire };
      },
    });
    if (typeof answer === "string") throw refusalError(answer, invite.name);
    const grant = this.#open(answer, ticket);
    if (own) return this.#networks.comeBack(own, grant, addresses);
    await this.#networks.add({
      name,
      id: grant.network,
      founder: grant.founder,
      nonce: grant.nonce,
      outerKey: grant.outerKey,
      nextOuter: grant.nextOuter,
      secrets: grant.secrets,
      ports: init.newPorts(),
      bootstrap: addresses,
      joinedMs: init.clock.nowMs(),
    });
  }

  /** Opens what was granted, and checks it against the ticket. */
  #open(sealed: Uint8Array, { invite }: Ticket): Grant {
    const { crypto, device } = this.#networks.init;
    const plain = openSealed(x25519SecretKey(crypto, device.seed), sealed);
    const grant = plain && readGrant(plain);
    const isNetwork =
      grant &&
      equal(grant.network, invite.network) &&
      equal(privateNetworkId(crypto, grant.founder, grant.nonce), invite.network);
    if (!isNetwork || !grant.inviter) throw refusalError("ticket-network", invite.name);
    const inviter = decodeCertificate(crypto, grant.inviter);
    if (!equal(inviter.root, invite.root) || !equal(inviter.device, invite.device))
      throw refusalError("ticket-inviter", invite.name);
    return grant;
  }
}
