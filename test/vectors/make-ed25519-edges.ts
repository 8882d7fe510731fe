/**
 * Makes ed25519-edges.json: signatures on which Ed25519 libraries disagree, with the verdict of
 * docs/spec/signatures.md, decided here by how each was made and not by any verifier.
 * Run: node test/vectors/make-ed25519-edges.ts
 */
import { writeFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, fromHex, toHex, utf8 } from "../../src/core/codec/bytes.ts";

export interface EdgeCase {
  readonly name: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

const { Point } = ed25519;
type CurvePoint = typeof Point.BASE;

const ORDER = Point.Fn.ORDER;
const PRIME = Point.Fp.ORDER;
/** A point of order 8; its multiples are all eight points of small order. */
const TORSION = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
const TORSION_POINTS = Array.from({ length: 8 }, (_, i) => multiply(TORSION, BigInt(i)));
const MESSAGES_PER_PAIR = 2;

/** The scalars of one fixed key and one fixed nonce. */
const SECRET = scalar("edge key");
const NONCE = scalar("edge nonce");

/** All cases, always the same. */
export function edgeCases(): EdgeCase[] {
  return [
    ...torsionCases(),
    ...cancellingCases(),
    ...encodingCases(),
    ...scalarCases(),
    ...shapeCases(),
  ];
}

/** Every point of small order added to A and to R, signed as the honest signer would: only 0 and 0 is valid. */
function torsionCases(): EdgeCase[] {
  const cases: EdgeCase[] = [];
  for (const [a, torsionA] of TORSION_POINTS.entries()) {
    for (const [r, torsionR] of TORSION_POINTS.entries()) {
      for (let m = 0; m < MESSAGES_PER_PAIR; m++) {
        const key = encode(multiply(Point.BASE, SECRET).add(torsionA));
        const commitment = encode(multiply(Point.BASE, NONCE).add(torsionR));
        cases.push(
          signed(
            `A + ${a}T, R + ${r}T, message ${m}`,
            key,
            commitment,
            utf8(`torsion ${m}`),
            a === 0 && r === 0,
          ),
        );
      }
    }
  }
  return cases;
}

/** Small-order parts of A and R that cancel out: the equation holds without the cofactor, and is refused for the key. */
function cancellingCases(): EdgeCase[] {
  const cases: EdgeCase[] = [];
  for (let a = 1; a < 8; a++) {
    const key = encode(multiply(Point.BASE, SECRET).add(TORSION_POINTS[a] as CurvePoint));
    for (let m = 0; cases.length < a; m++) {
      const message = utf8(`cancelling ${a} ${m}`);
      for (const torsionR of TORSION_POINTS) {
        const commitment = encode(multiply(Point.BASE, NONCE).add(torsionR));
        const challenge = hashToScalar(commitment, key, message);
        const rest = torsionR.add(multiply(TORSION, (challenge * BigInt(a)) % 8n));
        if (rest.is0() && cases.length < a)
          cases.push(signed(`A + ${a}T cancelled by R`, key, commitment, message, false));
      }
    }
  }
  return cases;
}

/** Encodings of y ≥ p, of x = 0 with the sign set, and of no point at all. */
function encodingCases(): EdgeCase[] {
  const key = encode(multiply(Point.BASE, SECRET));
  const message = utf8("encodings");
  const identity = encodeNumber(1n);
  const cases = [signed("R is the identity, canonical", key, identity, message, true, 0n)];
  const strange: [string, Uint8Array][] = [
    ["the identity with the sign of x set", encodeNumber(1n | (1n << 255n))],
    ["the point of order 2 with the sign of x set", encodeNumber((PRIME - 1n) | (1n << 255n))],
  ];
  for (let y = 0n; y < 19n; y++) {
    strange.push(
      [`y = p + ${y}`, encodeNumber(PRIME + y)],
      [`y = p + ${y}, sign set`, encodeNumber((PRIME + y) | (1n << 255n))],
    );
  }
  strange.push(
    ["no point: y = 2", encodeNumber(2n)],
    ["all bits set", encodeNumber((1n << 256n) - 1n)],
  );
  for (const [name, encoded] of strange) {
    cases.push(signed(`R: ${name}`, key, encoded, message, false, 0n));
    cases.push(
      signed(`A: ${name}`, encoded, encode(multiply(Point.BASE, NONCE)), message, false, NONCE, 0n),
    );
  }
  for (const [i, torsion] of TORSION_POINTS.entries()) {
    const low = encode(torsion);
    cases.push(
      signed(
        `A = ${i}T, R = S·B`,
        low,
        encode(multiply(Point.BASE, NONCE)),
        message,
        false,
        NONCE,
        0n,
      ),
    );
    cases.push(signed(`A = ${i}T, R = identity, S = 0`, low, identity, message, false, 0n, 0n));
    if (i > 0) cases.push(signed(`R = ${i}T`, key, low, message, false, 0n));
  }
  return cases;
}

/** S at and beyond the group order. */
function scalarCases(): EdgeCase[] {
  const key = encode(multiply(Point.BASE, SECRET));
  const commitment = encode(multiply(Point.BASE, NONCE));
  const message = utf8("scalars");
  const honest = (NONCE + hashToScalar(commitment, key, message) * SECRET) % ORDER;
  const at = (name: string, s: bigint, valid: boolean): EdgeCase =>
    edge(name, key, message, concat(commitment, encodeNumber(s)), valid);
  const cases = [
    at("honest S", honest, true),
    at("S = 0", 0n, false),
    at("S = L", ORDER, false),
    at("S = L - 1", ORDER - 1n, false),
  ];
  for (let i = 1n; honest + i * ORDER < 1n << 256n && i <= 15n; i++)
    cases.push(at(`S + ${i}L`, honest + i * ORDER, false));
  return cases;
}

/** Wrong lengths and wrong bits of a signature that is otherwise honest. */
function shapeCases(): EdgeCase[] {
  const key = encode(multiply(Point.BASE, SECRET));
  const message = utf8("shapes");
  const honest = fromHex(
    signed("", key, encode(multiply(Point.BASE, NONCE)), message, true).signature,
  );
  const flipped = (bit: number): Uint8Array =>
    honest.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  return [
    edge("an empty message", key, new Uint8Array(0), ed25519Sign(key, new Uint8Array(0)), true),
    edge("another message", key, utf8("shape"), honest, false),
    edge("signature of 63 bytes", key, message, honest.subarray(0, 63), false),
    edge("signature of 65 bytes", key, message, concat(honest, new Uint8Array(1)), false),
    edge("empty signature", key, message, new Uint8Array(0), false),
    edge("key of 31 bytes", key.subarray(0, 31), message, honest, false),
    edge("key of 33 bytes", concat(key, new Uint8Array(1)), message, honest, false),
    edge("empty key", new Uint8Array(0), message, honest, false),
    ...[0, 7, 254, 255, 256, 400, 507, 508, 511].map((bit) =>
      edge(`bit ${bit} flipped`, key, message, flipped(bit), false),
    ),
  ];
}

function ed25519Sign(key: Uint8Array, message: Uint8Array): Uint8Array {
  return fromHex(signed("", key, encode(multiply(Point.BASE, NONCE)), message, true).signature);
}

/** A case signed with S = nonce + H(R, A, message) · secret, whatever R and A are. */
function signed(
  name: string,
  key: Uint8Array,
  commitment: Uint8Array,
  message: Uint8Array,
  valid: boolean,
  nonce = NONCE,
  secret = SECRET,
): EdgeCase {
  const s = (nonce + hashToScalar(commitment, key, message) * secret) % ORDER;
  return edge(name, key, message, concat(commitment, encodeNumber(s)), valid);
}

function edge(
  name: string,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  valid: boolean,
): EdgeCase {
  return {
    name,
    publicKey: toHex(key),
    message: toHex(message),
    signature: toHex(signature),
    valid,
  };
}

function scalar(label: string): bigint {
  return decodeNumber(sha512(utf8(label))) % ORDER;
}

function hashToScalar(commitment: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  return decodeNumber(sha512(concat(commitment, key, message))) % ORDER;
}

function multiply(point: CurvePoint, factor: bigint): CurvePoint {
  return point.multiplyUnsafe(factor);
}

function encode(point: CurvePoint): Uint8Array {
  return point.toBytes();
}

/** 32 bytes, little-endian. */
function encodeNumber(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, "0")).reverse();
}

function decodeNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`);
}

if (import.meta.main) {
  const lines = edgeCases().map((one) => JSON.stringify(one));
  writeFileSync(new URL("ed25519-edges.json", import.meta.url), `[\n${lines.join(",\n")}\n]\n`);
}
