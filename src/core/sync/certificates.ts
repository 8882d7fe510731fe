import { equal } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import { CERTIFICATES_CACHED_MAX_COUNT } from "../codec/limits.ts";
import { Lru } from "../codec/lru.ts";
import type { Crypto } from "../crypto/port.ts";
import { decodeCertificate } from "../identity/certificate.ts";
import type { Certificate } from "../identity/types.ts";
import type { Store } from "../interfaces.ts";

/** Which device belongs to which identity: the store's certificates, the recent ones in memory. */
export class Certificates {
  readonly #store: Store;
  readonly #crypto: Crypto;
  readonly #kept: (root: Uint8Array, device: Uint8Array) => void;
  readonly #wires = new Lru<string, Uint8Array>(CERTIFICATES_CACHED_MAX_COUNT);

  /** @param kept called after a certificate was kept. */
  constructor(store: Store, crypto: Crypto, kept: (root: Uint8Array, device: Uint8Array) => void) {
    this.#store = store;
    this.#crypto = crypto;
    this.#kept = kept;
  }

  /** The certificate of (root, device), if it is in memory. */
  #cached(root: Uint8Array, device: Uint8Array): Uint8Array | undefined {
    return this.#wires.get(keyOf(root, device));
  }

  /** The certificate of (root, device), if it was ever seen. */
  async find(root: Uint8Array, device: Uint8Array): Promise<Uint8Array | undefined> {
    const cached = this.#cached(root, device);
    if (cached !== undefined) return cached;
    const wire = await this.#store.certificate(root, device);
    if (wire !== undefined) this.#wires.set(keyOf(root, device), wire);
    return wire;
  }

  /**
   * Checks and keeps a certificate that must be that of (root, device).
   * @throws ParleyError `bad-certificate`
   */
  async learn(root: Uint8Array, device: Uint8Array, wire: Uint8Array): Promise<void> {
    const known = await this.find(root, device);
    if (known !== undefined && equal(known, wire)) return;
    const certificate = decodeCertificate(this.#crypto, wire);
    if (!equal(certificate.root, root) || !equal(certificate.device, device)) {
      throw new ParleyError("bad-certificate", "A certificate of another device.");
    }
    await this.keep(certificate);
  }

  /** Keeps a certificate that was checked. */
  async keep({ root, device, serial, wire }: Certificate): Promise<void> {
    const copy = wire.slice();
    await this.#store.putCertificate(root, device, serial, copy);
    this.#wires.set(keyOf(root, device), (await this.#store.certificate(root, device)) ?? copy);
    this.#kept(root, device);
  }
}

function keyOf(root: Uint8Array, device: Uint8Array): string {
  return String.fromCharCode(...root, ...device);
}
