/** What a transport asks of whoever runs a private network. */
import type { Crypto } from "../crypto/port.ts";
import type { JoinRequest, Refusal } from "./join.ts";
import type { NetworkSecret } from "./secret.ts";

/** Decides over `/parley/join/1` who is let in. */
export interface JoinDoor {
  /**
   * The grant, sealed for the device that asks, or why there is none.
   * @param asker the device at the other end, proven by Noise, and the nonce it was given
   */
  answer(
    request: JoinRequest,
    asker: { readonly device: Uint8Array; readonly nonce: Uint8Array },
  ): Promise<Uint8Array | Refusal>;
}

export interface PrivateNetwork {
  readonly crypto: Crypto;
  /** Constant id of the network, 32 bytes. */
  readonly id: Uint8Array;
  /** Key of the outer fence (pnet), 32 bytes. */
  readonly outerKey: Uint8Array;
  /** Every secret that this node has, also those that are closed. */
  readonly secrets: () => readonly NetworkSecret[];
  /** Whether a device must stay out although it may know a secret. */
  readonly isRemoved: (device: Uint8Array) => boolean;
  /** Whether a ticket is out that links a device to this person. */
  readonly isLinking: () => boolean;
  readonly door: JoinDoor;
  /** What a member says who may lack the newest secret. */
  readonly memberRequest: () => JoinRequest;
  /** Whether the log tells of a key that this device does not have, as one that has come into use since. */
  readonly lacksKey: () => boolean;
  /** Takes what was sealed in answer to that. Resolves with whether there was something new in it. */
  readonly learn: (sealed: Uint8Array) => Promise<boolean>;
  /** `listener` is called whenever secrets have changed or somebody was removed. */
  readonly onChange: (listener: () => void) => void;
}
