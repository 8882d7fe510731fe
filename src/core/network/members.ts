/**
 * Who is in a private network, from the records in its log. The same records give the same answer whatever their order of
 * arrival; a node that lacks some judges without them, so bounds on tickets hold exactly only among nodes that can talk.
 */
import { equal, toHex } from "../codec/bytes.ts";
import { isParleyError } from "../codec/errors.ts";
import { NETWORK_RECORDS_MAX_COUNT } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { decodeCertificate } from "../identity/certificate.ts";
import type { Certificate } from "../identity/types.ts";
import { msOf } from "../log/clock.ts";
import { comparePositions } from "../log/order.ts";
import type { LogEvent } from "../log/types.ts";
import type { Role, SignedInvite } from "./invite.ts";
import { verifyInvite } from "./invite.ts";
import { joinBytes, type Refusal } from "./join.ts";
import {
  type AdmitRecord,
  type FoundRecord,
  readRecord,
  type RevokeRecord,
  type RotateRecord,
} from "./records.ts";
import { privateNetworkId } from "./secret.ts";

export interface Member {
  /** Identity key. */
  readonly root: Uint8Array;
  readonly role: Role;
  /** Who let them in; null for the founder. */
  readonly inviter: Uint8Array | null;
  readonly sinceMs: number;
  /** Devices they are known to have, by hex of the device key. */
  readonly devices: ReadonlyMap<string, Certificate>;
}

/** A record, who wrote it and when. */
interface Written<T> {
  readonly record: T;
  readonly event: LogEvent;
}

interface Admission extends Written<AdmitRecord> {
  readonly inviter: Certificate;
  readonly joiner: Certificate;
}

export interface MembersView {
  /** By hex of the identity key; without those removed. */
  readonly members: ReadonlyMap<string, Member>;
  /** Hex of the identity key → moment of the removal. */
  readonly removed: ReadonlyMap<string, number>;
  /** Rotations by those who may, oldest first. */
  readonly rotations: readonly Written<RotateRecord>[];
}

const RANK: Readonly<Record<Role, number>> = { member: 1, admin: 2, owner: 3 };

export class Members {
  readonly #crypto: Crypto;
  readonly #network: Uint8Array;
  readonly #known = new Set<string>();
  readonly #founding: Written<FoundRecord & { device: Certificate }>[] = [];
  readonly #admissions: Admission[] = [];
  readonly #rotations: Written<RotateRecord>[] = [];
  /** Hex of a ticket's key → hex of the identities that revoked it. */
  readonly #revoked = new Map<string, Set<string>>();
  /** Hex of a device key → hex of the identity it belongs to. */
  readonly #devices = new Map<string, string>();
  #view: MembersView | undefined;

  constructor(crypto: Crypto, network: Uint8Array) {
    this.#crypto = crypto;
    this.#network = network;
  }

  /** Takes an authentic event of the log. Returns whether it holds a record that counts for something. */
  add(event: LogEvent): boolean {
    const id = toHex(event.id);
    if (this.#known.has(id) || this.#known.size >= NETWORK_RECORDS_MAX_COUNT) return false;
    const record = readRecord(event);
    if (record === undefined) return false;
    const taken = this.#take(event, record);
    if (!taken) return false;
    this.#known.add(id);
    this.#view = undefined;
    return true;
  }

  view(): MembersView {
    this.#view ??= this.#fold();
    return this.#view;
  }

  /** The founder's part, once its record is known. */
  get founding(): { founder: Uint8Array; nonce: Uint8Array; name: string } | undefined {
    const [first] = this.#founding;
    return (
      first && { founder: first.event.root, nonce: first.record.nonce, name: first.record.name }
    );
  }

  /** Identities that a ticket has let in, in hex. */
  usedBy(key: Uint8Array): Set<string> {
    const { members } = this.view();
    const used = this.#admissions.filter(
      ({ record, joiner }) => equal(record.invite.key, key) && members.has(toHex(joiner.root)),
    );
    return new Set(used.map(({ joiner }) => toHex(joiner.root)));
  }

  /** Who wrote that an identity was let in, and by which ticket; nothing for the founder. */
  admissionsOf(root: Uint8Array): readonly Written<AdmitRecord>[] {
    return this.#admissions.filter(({ joiner }) => equal(joiner.root, root));
  }

  isRevoked(invite: Pick<SignedInvite, "key" | "root" | "madeS">): boolean {
    const { members, removed, rotations } = this.view();
    const by = this.#revoked.get(toHex(invite.key)) ?? new Set();
    const mayRevoke = (root: string): boolean =>
      root === toHex(invite.root) || RANK[members.get(root)?.role ?? "member"] >= RANK.admin;
    if ([...by].some(mayRevoke) || removed.has(toHex(invite.root))) return true;
    // Whoever was removed may have seen tickets that were about then.
    return rotations.some(
      ({ record, event }) => record.removed.length > 0 && invite.madeS * 1000 <= msOf(event.moment),
    );
  }

  /** Whether a device belongs to somebody who was removed. */
  isRemoved(device: Uint8Array): boolean {
    const root = this.#devices.get(toHex(device));
    return root !== undefined && this.view().removed.has(root);
  }

  /** Why a ticket does not let `joiner` in now, or undefined where it does. Its signature has been checked. */
  refusalOf(invite: SignedInvite, joiner: Uint8Array, nowMs: number): Refusal | undefined {
    const { members, removed } = this.view();
    if (!equal(invite.network, this.#network)) return "ticket-network";
    if (removed.has(toHex(joiner))) return "member-removed";
    if (members.has(toHex(joiner))) return undefined;
    if (this.isRevoked(invite)) return "ticket-revoked";
    if (!mayInvite(members.get(toHex(invite.root)), invite.role)) return "ticket-inviter";
    if (nowMs >= invite.expiresS * 1000) return "ticket-expired";
    return this.usedBy(invite.key).size >= invite.uses ? "ticket-used" : undefined;
  }

  #take(event: LogEvent, record: NonNullable<ReturnType<typeof readRecord>>): boolean {
    switch (record.type) {
      case "found": {
        const id = privateNetworkId(this.#crypto, event.root, record.nonce);
        const device = this.#certificate(record.certificate);
        if (!device || !equal(device.root, event.root) || !equal(id, this.#network)) return false;
        insert(this.#founding, { record: { ...record, device }, event });
        return true;
      }
      case "admit":
        return this.#takeAdmission(event, record);
      case "revoke":
        this.#takeRevocation(event, record);
        return true;
      case "rotate":
        insert(this.#rotations, { record, event });
        return true;
    }
  }

  #takeAdmission(event: LogEvent, record: AdmitRecord): boolean {
    const { invite, nonce, proof } = record;
    const inviter = this.#certificate(record.inviter);
    const joiner = this.#certificate(record.joiner);
    if (!inviter || !joiner || !equal(invite.network, this.#network)) return false;
    if (!equal(inviter.root, invite.root) || !equal(inviter.device, invite.device)) return false;
    if (msOf(event.moment) >= invite.expiresS * 1000 || !verifyInvite(this.#crypto, invite))
      return false;
    const { root, device } = joiner;
    const said = { network: this.#network, root, device, responder: event.device, nonce };
    if (!this.#crypto.verify(invite.key, joinBytes(said), proof)) return false;
    insert(this.#admissions, { record, event, inviter, joiner });
    return true;
  }

  #takeRevocation(event: LogEvent, { key }: RevokeRecord): void {
    const by = this.#revoked.get(toHex(key)) ?? new Set();
    this.#revoked.set(toHex(key), by.add(toHex(event.root)));
  }

  #certificate(wire: Uint8Array): Certificate | undefined {
    try {
      const certificate = decodeCertificate(this.#crypto, wire);
      this.#devices.set(toHex(certificate.device), toHex(certificate.root));
      return certificate;
    } catch (error) {
      if (isParleyError(error, "bad-certificate")) return undefined;
      throw error;
    }
  }

  #fold(): MembersView {
    const everybody = this.#admitted(new Map());
    const { rotations, removed } = this.#rotated(everybody);
    const members = new Map([...this.#admitted(removed)].filter(([root]) => !removed.has(root)));
    return { members, removed, rotations };
  }

  /** Founder, and everybody let in by somebody who was let in, until nobody more is found. */
  #admitted(removed: ReadonlyMap<string, number>): Map<string, Member> {
    const members = new Map<string, Member>();
    const [first] = this.#founding;
    if (!first) return members;
    admit(members, first.record.device, "owner", null, first.event);
    const stands = (root: Uint8Array, { moment }: LogEvent): boolean =>
      moment < (removed.get(toHex(root)) ?? Number.POSITIVE_INFINITY);
    for (let before = -1; before !== weight(members);) {
      before = weight(members);
      for (const { record, event, inviter, joiner } of this.#admissions) {
        const { role } = record.invite;
        if (!members.has(toHex(event.root)) || !stands(event.root, event)) continue;
        if (!stands(inviter.root, event) || !mayInvite(members.get(toHex(inviter.root)), role))
          continue;
        admit(members, joiner, role, inviter.root, event);
      }
    }
    return members;
  }

  /** Rotations by owner and admins, and whom they remove: each only those of lower rank. */
  #rotated(members: ReadonlyMap<string, Member>): Pick<MembersView, "rotations" | "removed"> {
    const removed = new Map<string, number>();
    const rankOf = (root: Uint8Array): number => RANK[members.get(toHex(root))?.role ?? "member"];
    const good: Written<RotateRecord>[] = [];
    for (const rank of [RANK.owner, RANK.admin]) {
      for (const written of this.#rotations) {
        const { record, event } = written;
        if (rankOf(event.root) !== rank) continue;
        if (event.moment >= (removed.get(toHex(event.root)) ?? Number.POSITIVE_INFINITY)) continue;
        insert(good, written);
        for (const root of record.removed) {
          if (rankOf(root) >= rank) continue;
          const before = removed.get(toHex(root)) ?? Number.POSITIVE_INFINITY;
          removed.set(toHex(root), Math.min(before, event.moment));
        }
      }
    }
    return { rotations: good, removed };
  }
}

function mayInvite(inviter: Member | undefined, role: Role): boolean {
  if (!inviter) return false;
  return RANK[role] < RANK.admin || RANK[inviter.role] > RANK[role];
}

function admit(
  members: Map<string, Member>,
  device: Certificate,
  role: Role,
  inviter: Uint8Array | null,
  event: LogEvent,
): void {
  const key = toHex(device.root);
  const known = members.get(key);
  const devices = new Map(known?.devices).set(toHex(device.device), device);
  if (known) {
    const higher = RANK[role] > RANK[known.role] ? role : known.role;
    members.set(key, { ...known, role: higher, devices });
    return;
  }
  members.set(key, { root: device.root, role, inviter, sinceMs: msOf(event.moment), devices });
}

/** Grows with each member, rank and device: as long as it does, there may be more. */
function weight(members: ReadonlyMap<string, Member>): number {
  let sum = 0;
  for (const { role, devices } of members.values()) sum += RANK[role] + devices.size;
  return sum;
}

/** Keeps a list in the order of the log. */
function insert<T extends { readonly event: LogEvent }>(list: T[], item: T): void {
  let at = list.length;
  while (at > 0 && comparePositions((list[at - 1] as T).event, item.event) > 0) at--;
  list.splice(at, 0, item);
}
