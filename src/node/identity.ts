/** Making, backing up, restoring and opening identities of profiles. */
import { randomBytes, randomInt } from "node:crypto";
import type { OwnDevice } from "../app/context.ts";
import { fromHex, toHex } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { x25519PublicKey, x25519SecretKey } from "../core/crypto/x25519.ts";
import { createCertificate, decodeCertificate } from "../core/identity/certificate.ts";
import { newPhrase, phraseEntropy, rootSeed } from "../core/identity/phrase.ts";
import type { Certificate } from "../core/identity/types.ts";
import { EPOCH_MS } from "../core/log/clock.ts";
import { cleanName } from "../core/text/clean.ts";
import { nodeCrypto } from "./crypto.ts";
import {
  createIdentityFile,
  findIdentityFile,
  type IdentityFile,
  type IdentitySecrets,
  type Unlocked,
  unlock,
} from "./keystore.ts";

/** An opened identity. */
export interface Identity {
  readonly name: string;
  readonly device: OwnDevice;
  readonly ports: IdentityFile["ports"];
  /** 24 words, where this device holds them. */
  readonly phrase: string | undefined;
  /** Whether it was made from a phrase that was there before. */
  readonly restored: boolean;
  /** Signs with the root key, where this device holds the phrase. */
  readonly rootSign: ((message: Uint8Array) => Uint8Array) | undefined;
  /** What the store is, or is to be, sealed with; undefined without a passphrase. */
  readonly storeKey: Uint8Array | undefined;
  /** What has followed this device when it was linked, and is not in the store yet. */
  readonly following: Uint8Array | undefined;
  /** The store is being written in clear, because the passphrase is to go. */
  readonly opening: boolean;
  /** Changes, sets or takes away the passphrase. Taken away, the store is to be written in clear, and `opened` called then. */
  setPassphrase(passphrase: string | undefined): Promise<Identity>;
  /** The store is in clear: the file may be too. */
  opened(): Promise<Identity>;
  /** The store has what has followed. */
  followed(): Promise<Identity>;
  /** Makes and saves another device key; the old one never signs again. @throws ParleyError `no-phrase` */
  retireDevice(): Promise<OwnDevice>;
}

export interface NewIdentityOptions {
  readonly name: string;
  readonly passphrase?: string | undefined;
  /** Restores this identity instead of making one, with a new device key. */
  readonly phrase?: string | undefined;
  readonly nowMs: number;
}

/** @throws ParleyError `identity-exists`, `bad-name`, `bad-phrase` */
export async function createIdentity(path: string, options: NewIdentityOptions): Promise<Identity> {
  if (await findIdentityFile(path)) throw identityExists();
  const name = cleanName(options.name);
  if (name === "")
    throw new ParleyError("bad-name", "A name needs at least one visible character.", {
      hint: "For example: ana",
    });
  const entropy =
    options.phrase === undefined ? new Uint8Array(randomBytes(32)) : phraseEntropy(options.phrase);
  const { seed, certificate } = makeDevice(entropy, options.nowMs);
  const file = {
    name,
    certificate: toHex(certificate.wire),
    ports: choosePorts(),
    retired: [],
    ...(options.phrase === undefined ? {} : { restored: true as const }),
  };
  const secrets = {
    entropy: toHex(entropy),
    device: toHex(seed),
    ...(options.passphrase === undefined ? {} : { store: newStoreKey() }),
  };
  return identityOf(await createIdentityFile(path, file, secrets, options.passphrase));
}

export interface LinkedIdentityOptions {
  readonly name: string;
  readonly passphrase?: string | undefined;
  /** Ed25519 seed of the new device, and what the root has signed for it. */
  readonly device: OwnDevice;
  readonly following: Uint8Array;
}

/** The identity of a device that was linked: without the phrase. @throws ParleyError `identity-exists` */
export async function createLinkedIdentity(
  path: string,
  { name, passphrase, device, following }: LinkedIdentityOptions,
): Promise<Identity> {
  if (await findIdentityFile(path)) throw identityExists();
  const certificate = toHex(device.certificate.wire);
  const file = { name, certificate, ports: choosePorts(), retired: [] };
  const secrets = {
    device: toHex(device.seed),
    following: toHex(following),
    ...(passphrase === undefined ? {} : { store: newStoreKey() }),
  };
  return identityOf(await createIdentityFile(path, file, secrets, passphrase));
}

export function identityExists(): ParleyError {
  return new ParleyError("identity-exists", "This profile already has an identity.", {
    hint: "{parley id} shows it; another one fits in another --profile.",
  });
}

/** @throws ParleyError `no-identity`, `wrong-passphrase`, `identity-damaged`, `file-exposed` */
export async function openIdentity(
  path: string,
  passphrase: () => Promise<string>,
): Promise<Identity> {
  const open = await unlock(path, passphrase);
  // Sealed by an older parley, which left the store in clear.
  const seals = open.sealed && open.secrets.store === undefined;
  return identityOf(seals ? await open.save({}, withStoreKey(open.secrets)) : open);
}

function newStoreKey(): string {
  return toHex(randomBytes(32));
}

function withStoreKey(secrets: IdentitySecrets): IdentitySecrets {
  return { ...secrets, store: secrets.store ?? newStoreKey() };
}

function identityOf(start: Unlocked): Identity {
  let open = start;
  const { entropy, store, following } = start.secrets;
  return {
    name: start.file.name,
    device: {
      seed: fromHex(start.secrets.device),
      certificate: decodeCertificate(nodeCrypto, fromHex(start.file.certificate)),
    },
    ports: start.file.ports,
    phrase: entropy === undefined ? undefined : newPhrase(fromHex(entropy)),
    restored: start.file.restored === true,
    rootSign:
      entropy === undefined
        ? undefined
        : (message) => nodeCrypto.signer(rootSeed(nodeCrypto, fromHex(entropy))).sign(message),
    storeKey: store === undefined ? undefined : fromHex(store),
    following: following === undefined ? undefined : fromHex(following),
    opening: start.secrets.opening === true,
    async setPassphrase(passphrase) {
      if (passphrase !== undefined)
        return identityOf(await open.reseal(passphrase, withStoreKey(open.secrets)));
      return identityOf(
        open.sealed ? await open.save({}, { ...open.secrets, opening: true }) : open,
      );
    },
    async followed() {
      const { following: _following, ...secrets } = open.secrets;
      return identityOf(await open.save({}, secrets));
    },
    async opened() {
      const { store: _store, opening: _opening, ...secrets } = open.secrets;
      return identityOf(await open.reseal(undefined, secrets));
    },
    async retireDevice() {
      if (entropy === undefined) {
        throw new ParleyError(
          "no-phrase",
          "This device needs a new key, and the recovery phrase is not on it.",
          {
            hint: "{parley id restore} with the phrase makes one.",
          },
        );
      }
      const old = nodeCrypto.signer(fromHex(open.secrets.device)).publicKey;
      const { seed, certificate } = makeDevice(fromHex(entropy), Date.now());
      const retired = [...open.file.retired, toHex(old)];
      open = await open.save(
        { certificate: toHex(certificate.wire), retired },
        { ...open.secrets, device: toHex(seed) },
      );
      return { seed, certificate };
    },
  };
}

/** A fresh device key under the identity of `entropy`, with its certificate. */
function makeDevice(
  entropy: Uint8Array,
  nowMs: number,
): { seed: Uint8Array; certificate: Certificate } {
  const seed = new Uint8Array(randomBytes(32));
  const certificate = createCertificate(nodeCrypto.signer(rootSeed(nodeCrypto, entropy)), {
    device: nodeCrypto.signer(seed).publicKey,
    x25519: x25519PublicKey(x25519SecretKey(nodeCrypto, seed)),
    serial: Math.max(0, Math.floor(nowMs) - EPOCH_MS),
  });
  return { seed, certificate };
}

/** Two neighbouring ports from the range that nobody assigns. */
export function choosePorts(): { tcp: number; ws: number } {
  const tcp = randomInt(20_000, 32_000) * 2;
  return tcp < 49_152 ? { tcp, ws: tcp + 1 } : { tcp: tcp - 10_000, ws: tcp - 9_999 };
}
