/**
 * Whether a point is free of a part of order 2, 4 or 8, by one multiplication of the platform's X25519 in place of one in
 * JavaScript (docs/adr/0197-torsion-by-x25519.md): the same verdict as `isSoundPoint` of the core, seven times sooner.
 */
import * as platform from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";

/** DER before the 32 key bytes of an X25519 SubjectPublicKeyInfo and PKCS #8 (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b656e032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");

const { Fp, Fn } = ed25519.Point;
/**
 * A multiple of 8 that is -1 modulo the order of the subgroup, with the bits that X25519 sets: clamping leaves it as it is. So a
 * point without torsion goes to its own negative, which has the same u; any other loses its torsion, and has another.
 */
const SCALAR = 5n * Fn.ORDER - 1n;
const multiplier = platform.createPrivateKey({
  key: Buffer.concat([PKCS8_PREFIX, littleEndian(SCALAR)]),
  format: "der",
  type: "pkcs8",
});

/** The same as `isSoundPoint`, but that the neutral element is refused too. @param encoded 32 bytes */
export function isSoundKeyPoint(encoded: Uint8Array): boolean {
  const y = yOf(encoded);
  if (y >= Fp.ORDER || y === 1n) return false;
  // From the Edwards curve to Montgomery's; what lies on neither ends up on the twist, where nothing goes to its negative.
  const u = littleEndian(Fp.div(Fp.add(1n, y), Fp.sub(1n, y)));
  try {
    const publicKey = platform.createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, u]),
      format: "der",
      type: "spki",
    });
    return platform.diffieHellman({ privateKey: multiplier, publicKey }).equals(u);
  } catch {
    // The platform refuses what comes to nothing: a point of small order.
    return false;
  }
}

/** Without the bit that says which x. */
function yOf(encoded: Uint8Array): bigint {
  const bytes = Buffer.from(encoded).reverse();
  bytes[0] = (bytes[0] as number) & 0x7f;
  return BigInt(`0x${bytes.toString("hex")}`);
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}
