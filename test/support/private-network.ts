/** People and their private network, without a node: what unit tests of tickets, members and fences begin with. */
import type { OwnDevice } from "../../src/app/context.ts";
import { x25519PublicKey, x25519SecretKey } from "../../src/core/crypto/x25519.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import { momentOf } from "../../src/core/log/clock.ts";
import { createEvent } from "../../src/core/log/event.ts";
import type { LogEvent } from "../../src/core/log/types.ts";
import type { Role } from "../../src/core/network/invite.ts";
import { joinProof } from "../../src/core/network/join.ts";
import { encodeRecord, type NetworkRecord } from "../../src/core/network/records.ts";
import { networkLog, privateNetworkId } from "../../src/core/network/secret.ts";
import { seedSigner } from "../../src/core/network/invite.ts";
import { makeTicket, type Ticket } from "../../src/core/network/ticket.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";

/** 2026-11-24T12:00:00Z. */
export const NOW_MS = Date.UTC(2026, 10, 24, 12);

export class Person {
  readonly device: OwnDevice;
  #seq = 0;
  #prev: Uint8Array | null = null;

  constructor(number: number) {
    const seed = nodeCrypto.sha256(Uint8Array.of(number, 1));
    const root = nodeCrypto.signer(nodeCrypto.sha256(Uint8Array.of(number, 2)));
    const certificate = createCertificate(root, {
      device: nodeCrypto.signer(seed).publicKey,
      x25519: x25519PublicKey(x25519SecretKey(nodeCrypto, seed)),
      serial: number,
    });
    this.device = { seed, certificate };
  }

  get root(): Uint8Array {
    return this.device.certificate.root;
  }

  get signer() {
    return nodeCrypto.signer(this.device.seed);
  }

  get x25519Secret(): Uint8Array {
    return x25519SecretKey(nodeCrypto, this.device.seed);
  }

  /** The event in which this person writes a record into the log of a network. */
  writes(network: Uint8Array, record: NetworkRecord, atMs = NOW_MS): LogEvent {
    const event = createEvent(nodeCrypto, {
      roomId: networkLog(nodeCrypto, network).roomId,
      root: this.root,
      signer: this.signer,
      ...encodeRecord(record),
      seq: ++this.#seq,
      prev: this.#prev,
      parents: [],
      auth: [],
      moment: momentOf(atMs) + this.#seq,
    });
    this.#prev = event.id;
    return event;
  }
}

const NONCE = new Uint8Array(16).fill(7);

/** A network that somebody has founded. */
export class Founded {
  readonly founder: Person;
  readonly id: Uint8Array;
  readonly first: LogEvent;

  constructor(founder: Person) {
    this.founder = founder;
    this.id = privateNetworkId(nodeCrypto, founder.root, NONCE);
    const certificate = founder.device.certificate.wire;
    this.first = founder.writes(this.id, {
      type: "found",
      name: "maple",
      nonce: NONCE,
      certificate,
    });
  }

  ticket(
    by: Person,
    terms: {
      seed?: number;
      role?: Role;
      uses?: number;
      madeMs?: number;
      lifetimeS?: number;
      addresses?: readonly string[];
    } = {},
  ): Ticket {
    const {
      addresses = ["/ip4/192.168.1.7/tcp/41733", "/dns4/chat.example.org/tcp/443/wss"],
      seed = 1,
      role = "member",
      uses = 1,
      madeMs = NOW_MS - 60_000,
      lifetimeS = 3_600,
    } = terms;
    const madeS = Math.floor(madeMs / 1000);
    return makeTicket(
      nodeCrypto,
      by.signer,
      {
        network: this.id,
        name: "maple",
        root: by.root,
        role,
        madeS,
        expiresS: madeS + lifetimeS,
        uses,
      },
      {
        seed: new Uint8Array(16).fill(seed),
        outerKey: new Uint8Array(32).fill(9),
        addresses,
      },
    );
  }

  /** `by` lets `joiner` in by a ticket that `inviter` made. */
  admits(by: Person, inviter: Person, joiner: Person, ticket: Ticket, atMs = NOW_MS): LogEvent {
    const nonce = new Uint8Array(16).fill(3);
    const { root, device } = joiner.device.certificate;
    const said = { network: this.id, root, device, responder: by.signer.publicKey, nonce };
    const record: NetworkRecord = {
      type: "admit",
      invite: ticket.invite,
      inviter: inviter.device.certificate.wire,
      joiner: joiner.device.certificate.wire,
      nonce,
      proof: joinProof(seedSigner(nodeCrypto, ticket.seed), said),
    };
    return by.writes(this.id, record, atMs);
  }
}
