/** Epochs of a private room: a secret, and the devices it is sealed to (docs/spec/private-rooms.md, "Epochs"). */
import { concat, equal, utf8 } from "../codec/bytes.ts";
import { EPOCH_WRAPS_MAX_COUNT } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { openBox, sealBox } from "../crypto/seal.ts";
import { x25519PublicKey } from "../crypto/x25519.ts";
import type { Census } from "./census.ts";
import type { Epoch } from "./control.ts";
import { BOXED_KEY_BYTES, KEY_BYTES } from "./epoch-fields.ts";

const COMMIT_DOMAIN = utf8("parley/epoch/1\0");
const WRAP_INFO = utf8("parley/epoch-wrap/1\0");
const OUTER_INFO = utf8("parley/epoch-outer/1");
const BACK_INFO = utf8("parley/epoch-back/1\0");
const NONCE_BYTES = 24;
const FIRST_NONCE = new Uint8Array(NONCE_BYTES);

/** What is sealed with an epoch beside its secret. */
export interface EpochParts {
  readonly roomId: Uint8Array;
  readonly census: Census;
  /** The device that makes it. */
  readonly device: Uint8Array;
  /** The key that hides traffic, 32 bytes. */
  readonly outer: Uint8Array;
  /** Epochs before it whose secrets newcomers may have. */
  readonly back: readonly { readonly id: Uint8Array; readonly secret: Uint8Array }[];
}

/** So many unpredictable bytes. */
export type RandomBytes = (length: number) => Uint8Array;

export interface MadeEpoch {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
  /** One for every 512 devices. */
  readonly controls: readonly Epoch[];
}

/** A new secret for the devices of a census: about 0.1 ms and 48 bytes for each. */
export function makeEpoch(crypto: Crypto, random: RandomBytes, parts: EpochParts): MadeEpoch {
  const { roomId, census, device, outer, back } = parts;
  const secret = random(KEY_BYTES);
  const ephemeralSecret = random(KEY_BYTES);
  const ephemeral = x25519PublicKey(ephemeralSecret);
  const id = epochId(crypto, [roomId, device, census.hash, ephemeral, secret]);
  const wraps = census.devices.map(({ key }, index) => {
    const shared = crypto.x25519(ephemeralSecret, key);
    // A key that makes no secret opens nothing; its place is kept, so that the others have theirs.
    if (!shared) return new Uint8Array(BOXED_KEY_BYTES);
    return sealBox(wrapKey(crypto, shared, id, ephemeral, key), nonceOf(index), secret);
  });
  const common = {
    type: "epoch" as const,
    as: 0 as const,
    id,
    ephemeral,
    census: census.hash,
    outer: sealBox(under(crypto, secret, roomId, OUTER_INFO), FIRST_NONCE, outer),
    back: back.map((before) => ({
      id: before.id,
      box: sealBox(backKey(crypto, secret, roomId, before.id), FIRST_NONCE, before.secret),
    })),
  };
  const controls: Epoch[] = [];
  for (let first = 0; first < wraps.length; first += EPOCH_WRAPS_MAX_COUNT) {
    const part = concat(...wraps.slice(first, first + EPOCH_WRAPS_MAX_COUNT));
    controls.push({ ...common, first, wraps: part });
  }
  return { id, secret, controls };
}

/**
 * What one of its wraps holds for the holder of a key, to be held against what the epoch commits to. Each is tried: the
 * place follows from a census that the reader may not know.
 */
export function openWraps(
  crypto: Crypto,
  epoch: Epoch,
  secretKey: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array | undefined {
  const shared = crypto.x25519(secretKey, epoch.ephemeral);
  if (!shared) return undefined;
  const key = wrapKey(crypto, shared, epoch.id, epoch.ephemeral, publicKey);
  for (let at = 0; at < epoch.wraps.length; at += BOXED_KEY_BYTES) {
    const box = epoch.wraps.subarray(at, at + BOXED_KEY_BYTES);
    const secret = openBox(key, nonceOf(epoch.first + at / BOXED_KEY_BYTES), box);
    if (secret) return secret;
  }
  return undefined;
}

/** Whether it is the very secret with which this device made the epoch. */
export function commits(
  crypto: Crypto,
  roomId: Uint8Array,
  device: Uint8Array,
  { id, census, ephemeral }: Epoch,
  secret: Uint8Array,
): boolean {
  if (secret.length !== KEY_BYTES) return false;
  return equal(epochId(crypto, [roomId, device, census, ephemeral, secret]), id);
}

/** The key that hides traffic while an epoch is in force. */
export function openOuter(
  crypto: Crypto,
  roomId: Uint8Array,
  { outer }: Epoch,
  secret: Uint8Array,
): Uint8Array | undefined {
  return openBox(under(crypto, secret, roomId, OUTER_INFO), FIRST_NONCE, outer);
}

/** Secrets of epochs before it, unchecked: they have to be held against what those commit to. */
export function openBack(
  crypto: Crypto,
  roomId: Uint8Array,
  { back }: Epoch,
  secret: Uint8Array,
): { readonly id: Uint8Array; readonly secret: Uint8Array }[] {
  return back.flatMap(({ id, box }) => {
    const before = openBox(backKey(crypto, secret, roomId, id), FIRST_NONCE, box);
    return before ? [{ id, secret: before }] : [];
  });
}

/** Of room, device, census, ephemeral key and secret, 32 bytes each. */
function epochId(crypto: Crypto, parts: readonly Uint8Array[]): Uint8Array {
  return crypto.sha256(concat(COMMIT_DOMAIN, ...parts));
}

function wrapKey(
  crypto: Crypto,
  shared: Uint8Array,
  id: Uint8Array,
  ephemeral: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array {
  return crypto.hkdfSha256(shared, id, concat(WRAP_INFO, ephemeral, publicKey), KEY_BYTES);
}

function under(
  crypto: Crypto,
  secret: Uint8Array,
  roomId: Uint8Array,
  info: Uint8Array,
): Uint8Array {
  return crypto.hkdfSha256(secret, roomId, info, KEY_BYTES);
}

function backKey(
  crypto: Crypto,
  secret: Uint8Array,
  roomId: Uint8Array,
  id: Uint8Array,
): Uint8Array {
  return under(crypto, secret, roomId, concat(BACK_INFO, id));
}

/** Its number, big-endian, at the end. */
function nonceOf(index: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(NONCE_BYTES - 4, index);
  return nonce;
}
