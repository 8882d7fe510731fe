/**
 * From when on a private room has to be read again: keys have come after what is sealed under them. A key that comes with its
 * epoch, before anything that is sealed under it, is no reason: that is how it is with everybody who is there.
 */
import { toHex } from "../codec/bytes.ts";
import { EPOCH_NAME_BYTES } from "./sealing.ts";

/** Somebody who names epochs that there are not fills no more memory than this; then every key is one. */
const SHUT_MAX_COUNT = 4_096;

export class LateKeys {
  /** Epochs, as messages name them, in hex, of which something was here that could not be opened. */
  readonly #shut = new Set<string>();
  #from: number | undefined;

  /** Something could not be opened. @param name of its epoch, as messages name it */
  shut(name: Uint8Array): void {
    if (this.#shut.size < SHUT_MAX_COUNT) this.#shut.add(toHex(name));
  }

  /** The key of an epoch has come. @param fresh whether the epoch itself was not here until now · @param moment that of the epoch */
  came(id: Uint8Array, moment: number, fresh: boolean): void {
    const isFull = this.#shut.size >= SHUT_MAX_COUNT;
    const wasShut = this.#shut.delete(toHex(id.subarray(0, EPOCH_NAME_BYTES)));
    if (fresh && !wasShut && !isFull) return;
    this.#from = Math.min(this.#from ?? moment, moment);
  }

  /** The moment of the earliest such epoch since this was asked last. */
  take(): number | undefined {
    const from = this.#from;
    this.#from = undefined;
    return from;
  }
}
