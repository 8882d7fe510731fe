/** Making a profile another device of an identity, by a ticket of the device that holds its phrase (docs/spec/devices.md). */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { nameAmong, packFollowing } from "../app/devices/following.ts";
import { scopeOf } from "../app/networks/record.ts";
import { concat, equal, exceedsUtf8 } from "../core/codec/bytes.ts";
import { encodeCbor } from "../core/codec/cbor.ts";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { NAME_MAX_BYTES } from "../core/codec/limits.ts";
import { x25519PublicKey, x25519SecretKey } from "../core/crypto/x25519.ts";
import { decodeCertificate } from "../core/identity/certificate.ts";
import type { Certificate } from "../core/identity/types.ts";
import type { FrameStream } from "../core/interfaces.ts";
import type { OwnDevice } from "../app/context.ts";
import { type DeviceTicket, linkSigner } from "../core/network/device-ticket.ts";
import {
  encodeLinkRequest,
  FollowingReader,
  type FollowingRecord,
  linkBytes,
  type LinkRefusal,
  readLinkAnswer,
  readLinkChallenge,
} from "../core/network/link.ts";
import { cleanName } from "../core/text/clean.ts";
import { nodeCrypto } from "./crypto.ts";
import { logLevel, stderrLogger } from "./platform.ts";
import { createLinkedIdentity, type Identity } from "./identity.ts";

export interface LinkRequestOptions {
  readonly ticket: DeviceTicket;
  readonly passphrase: string | undefined;
  readonly localOnly: boolean;
  /** How long to look for the other device. */
  readonly waitMs: number;
}

/** Asks the device that made the ticket, and keeps what it gives at `path`. @throws ParleyError `link-…`, `unreachable` */
export async function linkDevice(path: string, options: LinkRequestOptions): Promise<Identity> {
  const { ticket, passphrase, localOnly, waitMs } = options;
  if (Date.now() >= ticket.expiresS * 1_000) throw refusal("link-expired");
  const { overLink } = await import("../network/link-client.ts");
  const { peerIdOf } = await import("../network/peer-id.ts");
  const seed = new Uint8Array(randomBytes(32));
  const peer = peerIdOf(ticket.device);
  return overLink(
    {
      deviceSeed: seed,
      networkName: typeof ticket.network === "string" ? ticket.network : scopeOf(ticket.network),
      outerKey: ticket.outerKey,
      device: ticket.device,
      addresses: ticket.addresses.map((address) => `${address}/p2p/${peer}`),
      localOnly,
      waitMs,
      logger: stderrLogger(logLevel(process.env)),
    },
    (frames, next) =>
      askToBeLinked(ticket, seed, { frames, next }, (device, kept) =>
        createLinkedIdentity(path, { ...kept, passphrase, device }),
      ),
  );
}

/** What was given, as it is kept. */
export interface Kept {
  readonly name: string;
  readonly following: Uint8Array;
}

/**
 * The new device's side of `/parley/link/1`. @param own Ed25519 seed of the new device
 * @param keep puts everything on the disk. @throws ParleyError `bad-link`, `link-newer`, and why it is not linked
 */
export async function askToBeLinked<T>(
  ticket: DeviceTicket,
  own: Uint8Array,
  { frames, next }: { frames: Pick<FrameStream, "send">; next: () => Promise<Uint8Array> },
  keep: (device: OwnDevice, kept: Kept) => Promise<T>,
): Promise<T> {
  const nonce = readLinkChallenge(await next());
  await frames.send(encodeLinkRequest(requestOf(ticket, own, nonce)));
  const answer = readLinkAnswer(await next());
  if (typeof answer === "string") throw refusal(answer);
  const certificate = certificateFor(answer, ticket, own);
  const reader = new FollowingReader();
  while (reader.take(await next()));
  const kept = await keep({ seed: own, certificate }, keptOf(reader.records));
  // Only now: whoever answers takes the ticket for used, and says so.
  await frames.send(encodeCbor([]));
  return kept;
}

function requestOf(
  { root, device: responder, seed }: DeviceTicket,
  own: Uint8Array,
  nonce: Uint8Array,
) {
  const signer = linkSigner(nodeCrypto, seed);
  const { publicKey: device } = nodeCrypto.signer(own);
  const x25519 = x25519PublicKey(x25519SecretKey(nodeCrypto, own));
  const proof = signer.sign(linkBytes({ root, device, x25519, responder, nonce }));
  return { key: signer.publicKey, proof, x25519, name: machineName() };
}

/** @throws ParleyError `bad-link` for a certificate of somebody else */
function certificateFor(wire: Uint8Array, { root }: DeviceTicket, own: Uint8Array): Certificate {
  const device = nodeCrypto.signer(own).publicKey;
  const x25519 = x25519PublicKey(x25519SecretKey(nodeCrypto, own));
  try {
    const certificate = decodeCertificate(nodeCrypto, wire);
    const said = concat(certificate.root, certificate.device, certificate.x25519);
    if (equal(said, concat(root, device, x25519))) return certificate;
  } catch (error) {
    if (!isParleyError(error, "bad-certificate")) throw error;
  }
  throw new ParleyError("bad-link", "The other side does not keep to the rules of linking.");
}

function keptOf(records: readonly FollowingRecord[]): Kept {
  const following = packFollowing(records);
  const name = cleanName(nameAmong(records) ?? "");
  if (name === "")
    throw new ParleyError("bad-link", "The other side does not keep to the rules of linking.");
  return { name, following };
}

function machineName(): string {
  const name = cleanName(hostname());
  return exceedsUtf8(name, NAME_MAX_BYTES) ? "" : name;
}

const AGAIN = {
  hint: "{parley device link} on the device that holds your phrase makes a new one.",
};

function refusal(why: LinkRefusal): ParleyError {
  switch (why) {
    case "link-unknown":
      return new ParleyError(
        "link-unknown",
        "Your other device does not know that ticket: parley was started there since it was made, or it is somebody else's.",
        AGAIN,
      );
    case "link-used":
      return new ParleyError("link-used", "That ticket has linked another device already.", AGAIN);
    case "link-expired":
      return new ParleyError("link-expired", "That ticket has expired.", AGAIN);
    case "device-revoked":
      return new ParleyError(
        "device-revoked",
        "The device that made that ticket was revoked.",
        AGAIN,
      );
  }
}
