/**
 * The door of a private network, from inside: lets in whom a ticket lets in, gives members what they lack, and takes what this
 * device lacks from others (docs/spec/private-networks.md).
 */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { isParleyError } from "../../core/codec/errors.ts";
import { x25519SecretKey } from "../../core/crypto/x25519.ts";
import { decodeCertificate } from "../../core/identity/certificate.ts";
import type { Certificate } from "../../core/identity/types.ts";
import { encodeEvidence, evidenceFor, readEvidence } from "../../core/network/evidence.ts";
import { verifyInvite } from "../../core/network/invite.ts";
import {
  encodeGrant,
  joinBytes,
  type JoinRequest,
  readGrant,
  type Refusal,
} from "../../core/network/join.ts";
import type { Members } from "../../core/network/members.ts";
import type { JoinDoor } from "../../core/network/ports.ts";
import type { NetworkRecord } from "../../core/network/records.ts";
import { openSealed, sealTo } from "../../core/network/seal-to.ts";
import { commitmentOf, liveSecrets } from "../../core/network/secret.ts";
import type { Context } from "../context.ts";
import { lacksOuter, toldOuter } from "./outer-key.ts";
import type { OwnNetwork } from "./own-network.ts";

const EMPTY = new Uint8Array(0);

export interface DoorInit {
  readonly context: Context;
  readonly network: OwnNetwork;
  readonly members: Members;
  /** Puts a record into the log; resolves when it is on disk. */
  readonly write: (record: NetworkRecord) => Promise<void>;
  /** Takes what rotations in the log have for this device. */
  readonly follow: () => Promise<void>;
}

export class Door implements JoinDoor {
  readonly #init: DoorInit;
  /** Admissions one after the other: uses are counted between them. */
  #admitting: Promise<unknown> = Promise.resolve();

  constructor(init: DoorInit) {
    this.#init = init;
  }

  async answer(
    request: JoinRequest,
    asker: { readonly device: Uint8Array; readonly nonce: Uint8Array },
  ): Promise<Uint8Array | Refusal> {
    const { crypto } = this.#init.context.init;
    const certificate = this.#certificate(request.certificate);
    if (!certificate || !equal(certificate.device, asker.device)) return "not-a-member";
    if (this.#init.members.view().removed.has(toHex(certificate.root))) return "member-removed";
    const { revocations } = this.#init.context;
    if (revocations.isRevoked(toHex(certificate.root), toHex(certificate.device)))
      return "not-a-member";
    const { ticket } = request;
    if (ticket === null) {
      const known = this.#init.members.view().members.has(toHex(certificate.root));
      return known ? this.#grantAgain(certificate) : "not-a-member";
    }
    const { invite, proof } = ticket;
    const { root, device } = certificate;
    const responder = this.#init.context.device.certificate.device;
    const said = { network: this.#init.network.id, root, device, responder, nonce: asker.nonce };
    if (!equal(invite.network, this.#init.network.id)) return "ticket-network";
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
    const { clock } = this.#init.context.init;
    const refusal = this.#init.members.refusalOf(shown.invite, joiner.root, clock.nowMs());
    if (refusal !== undefined) return refusal;
    // Whoever is a member already may bring another device.
    if (
      !this.#init.members.view().members.get(toHex(joiner.root))?.devices.has(toHex(joiner.device))
    )
      await this.#init.write({
        type: "admit",
        ...shown,
        inviter: inviter.wire,
        joiner: joiner.wire,
      });
    return this.#grant(joiner, inviter);
  }

  /** What a member may lack who has been away, with what proves it to who has no newer log. */
  async #grantAgain(to: Certificate): Promise<Uint8Array> {
    const { crypto, clock } = this.#init.context.init;
    const { id, entry } = this.#init.network;
    const [newest] = liveSecrets(entry.secrets, clock.nowMs());
    const events = newest
      ? evidenceFor(crypto, id, this.#init.members, newest.secret, to.device)
      : [];
    const certificates = new Map<string, Uint8Array>();
    for (const { root, device } of events) {
      const certificate = await this.#certificateOf(root, device);
      if (certificate) certificates.set(toHex(device), certificate.wire);
    }
    const evidence = encodeEvidence(events, (_, device) => certificates.get(toHex(device)));
    return this.#grant(to, null, events.length > 0 ? evidence : null);
  }

  /** The secrets that hold now, sealed for one device. */
  #grant(
    to: Certificate,
    inviter: Certificate | null,
    evidence: Uint8Array | null = null,
  ): Uint8Array {
    const { random, clock } = this.#init.context.init;
    const { id, name, founder, nonce, outerKey, nextOuter, secrets } = this.#init.network.entry;
    const live = liveSecrets(secrets, clock.nowMs()).reverse();
    const grant = { network: id, name, founder, nonce, outerKey, nextOuter, secrets: live };
    const plain = encodeGrant({ ...grant, inviter: inviter?.wire ?? null, evidence });
    return sealTo(to.x25519, plain, random.bytes(32));
  }

  /** A member has handed over what this device lacked. */
  async learn(sealed: Uint8Array): Promise<boolean> {
    const { init, device } = this.#init.context;
    const plain = openSealed(x25519SecretKey(init.crypto, device.seed), sealed);
    if (!plain) return false;
    const grant = readGrant(plain);
    if (!equal(grant.network, this.#init.network.id)) return false;
    const before = this.#init.network.entry.secrets.length;
    // Anybody with the outer key may answer: only what a rotation in the log commits to is believed, and evidence is of the log.
    for (const event of readEvidence(init.crypto, this.#init.network.id, grant.evidence ?? EMPTY))
      this.#init.members.add(event);
    await this.#init.follow();
    const { rotations } = this.#init.members.view();
    const proven = grant.secrets.filter(({ secret }) => {
      const commitment = commitmentOf(init.crypto, this.#init.network.id, secret);
      return rotations.some(({ record }) => equal(record.commitment, commitment));
    });
    await this.#init.network.learn(proven, null);
    const outer = toldOuter(init.crypto, this.#init.network.id, rotations, grant);
    const lacking = lacksOuter(rotations, this.#init.network.entry, init.clock.nowMs());
    if (outer && lacking) await this.#init.network.update({ nextOuter: outer });
    return this.#init.network.entry.secrets.length > before;
  }

  #certificate(wire: Uint8Array): Certificate | undefined {
    try {
      return decodeCertificate(this.#init.context.init.crypto, wire);
    } catch (error) {
      if (isParleyError(error, "bad-certificate")) return undefined;
      throw error;
    }
  }

  /** The certificate of a device of a member, from the log or from elsewhere in the store. */
  async #certificateOf(root: Uint8Array, device: Uint8Array): Promise<Certificate | undefined> {
    const known = this.#init.members.view().members.get(toHex(root))?.devices.get(toHex(device));
    if (known) return known;
    const own = this.#init.context.device.certificate;
    if (equal(own.root, root) && equal(own.device, device)) return own;
    const wire = await this.#init.context.init.store.certificate(root, device);
    return wire && this.#certificate(wire);
  }
}
