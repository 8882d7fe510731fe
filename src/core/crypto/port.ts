/**
 * The platform's fast paths, synchronous. `src/core/crypto/noble.ts` implements it everywhere,
 * `src/node/crypto.ts` with node:crypto; the same vectors run against both and every path must agree.
 */
export interface Crypto {
  /** 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
  /** 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  hkdfSha256(
    secret: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    lengthBytes: number,
  ): Uint8Array;
  /** A signer of an Ed25519 seed (32 bytes); keys are prepared once. */
  signer(seed: Uint8Array): Signer;
  /**
   * The one verdict on signatures: key and R canonical, S < L, key torsion-free, cofactorless
   * equation. False, never an exception, on input of any shape.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /**
   * X25519 (RFC 7748): the 32 bytes that the holders of two keys share. Undefined where they would be all zero: such a
   * public key makes a secret that everybody knows.
   */
  x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
}

export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes, deterministic (RFC 8032). */
  sign(message: Uint8Array): Uint8Array;
  /** The signatures of many messages, on all processors where the platform can. */
  signAll(messages: readonly Uint8Array[]): Promise<Uint8Array[]>;
}
