/** The X25519 keys that this device has for one private room (docs/spec/private-rooms.md, "Keys of devices, and forgetting"). */
import { toHex } from "../codec/bytes.ts";
import { x25519PublicKey } from "../crypto/x25519.ts";
import type { KeyPair } from "./epoch-book.ts";

/** An X25519 key of this device for one room. */
export interface DeviceSecret {
  readonly secret: Uint8Array;
  /** When it was made, ms since the Unix epoch. */
  readonly madeMs: number;
}

export class DeviceKeys {
  /** By public key in hex. */
  readonly #kept = new Map<string, DeviceSecret & { readonly pair: KeyPair }>();

  /** @returns its public key */
  keep(each: DeviceSecret): Uint8Array {
    const publicKey = x25519PublicKey(each.secret);
    this.#kept.set(toHex(publicKey), { ...each, pair: [each.secret, publicKey] });
    return publicKey;
  }

  of(publicKey: Uint8Array): DeviceSecret | undefined {
    return this.#kept.get(toHex(publicKey));
  }

  pairs(): KeyPair[] {
    return [...this.#kept.values()].map(({ pair }) => pair);
  }

  forget(beforeMs: number): void {
    for (const [publicKey, { madeMs }] of this.#kept)
      if (madeMs < beforeMs) this.#kept.delete(publicKey);
  }
}
