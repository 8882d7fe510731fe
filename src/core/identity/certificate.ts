/** Certificates: the root key's statement that a device belongs to it (docs/spec/identity.md). */
import { concat, utf8 } from "../codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { isParleyError, ParleyError } from "../codec/errors.ts";
import { CERTIFICATE_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import type { Certificate } from "./types.ts";

const VERSION = 1;
const DOMAIN = utf8("parley/cert/1\0");
/** Head of a byte string of 64, then the signature. */
const SIGNATURE_TAIL_BYTES = 66;

/** @param root signer of the root key. */
export function createCertificate(
  root: Pick<Signer, "publicKey" | "sign">,
  fields: { readonly device: Uint8Array; readonly x25519: Uint8Array; readonly serial: number },
): Certificate {
  const { device, x25519, serial } = fields;
  const body = [VERSION, root.publicKey, device, x25519, serial];
  const signature = root.sign(concat(DOMAIN, encodeCbor(body)));
  return { root: root.publicKey, device, x25519, serial, wire: encodeCbor([body, signature]) };
}

/** Decodes a certificate and verifies the root's signature. @throws ParleyError `bad-certificate` */
export function decodeCertificate(crypto: Crypto, wire: Uint8Array): Certificate {
  const [body, signature] = read(wire);
  const [version, root, device, x25519, serial] = body;
  const keys = [root, device, x25519];
  if (version !== VERSION || body.length !== 5 || typeof serial !== "number")
    throw bad("another shape");
  if (!keys.every((key) => key instanceof Uint8Array && key.length === 32))
    throw bad("a key that is not 32 bytes");
  const signed = wire.subarray(1, wire.length - SIGNATURE_TAIL_BYTES);
  if (!crypto.verify(root as Uint8Array, concat(DOMAIN, signed), signature))
    throw bad("the signature is false");
  return {
    root: root as Uint8Array,
    device: device as Uint8Array,
    x25519: x25519 as Uint8Array,
    serial,
    wire,
  };
}

/** The one that counts of two certificates of the same device: the higher serial. */
export function newerCertificate(a: Certificate, b: Certificate): Certificate {
  return b.serial > a.serial ? b : a;
}

function read(wire: Uint8Array): [unknown[], Uint8Array] {
  if (wire.length > CERTIFICATE_MAX_BYTES) throw bad("too long");
  try {
    const items = decodeCbor(wire);
    if (!Array.isArray(items) || items.length !== 2) throw bad("another shape");
    const [body, signature] = items;
    if (!Array.isArray(body) || !(signature instanceof Uint8Array) || signature.length !== 64)
      throw bad("another shape");
    return [body, signature];
  } catch (error) {
    if (isParleyError(error, "bad-cbor")) throw bad(error.message);
    throw error;
  }
}

function bad(what: string): ParleyError {
  return new ParleyError("bad-certificate", `Not a certificate: ${what}.`);
}
