/** Shapes of identities; docs/spec/identity.md defines the bytes. */

/** The root key's statement that a device belongs to it. */
export interface Certificate {
  /** 32 bytes: the identity. */
  readonly root: Uint8Array;
  /** 32 bytes: the device's Ed25519 key, which is also its libp2p key. */
  readonly device: Uint8Array;
  /** 32 bytes: the device's X25519 key. */
  readonly x25519: Uint8Array;
  /** ms since 2025-01-01T00:00Z at signing; the highest wins. */
  readonly serial: number;
  /** Canonical CBOR of [body, signature by root]. */
  readonly wire: Uint8Array;
}
