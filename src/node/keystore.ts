/** The identity file: keys of a profile, sealed by a passphrase where one is wanted (docs/spec/keystore.md). */
import { argon2, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { fromHex, fromUtf8, toHex, utf8 } from "../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import {
  ARGON2_MEMORY_MAX_KIB,
  ARGON2_MEMORY_MIN_KIB,
  ARGON2_PASSES_MAX_COUNT,
  ARGON2_PASSES_MIN_COUNT,
} from "../core/codec/limits.ts";
import { openBox, sealBox } from "../core/crypto/seal.ts";
import { readPrivate, setAside, writePrivate } from "./files.ts";
import { SEALED_STORE } from "./paths.ts";

/** Of a file in clear. A sealed one of this version holds name and certificate in clear too, and is written anew when it is opened. */
const CLEAR = 1;
/** Everything is in the box. */
const SEALED = 2;
const KEY_BYTES = 32;
const BOX_MAX_CHARACTERS = 1 << 20;

const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)));

/** What the file keeps secret. */
const Secrets = v.object({
  /** 32 bytes behind the recovery phrase; absent on a device that never had it. */
  entropy: v.optional(hex(32)),
  /** Ed25519 seed of the device. */
  device: hex(32),
  /** What the store is sealed with; there with a passphrase. */
  store: v.optional(hex(32)),
  /** What has followed a linked device and is not in its store yet (docs/spec/devices.md). */
  following: v.optional(v.pipe(v.string(), v.regex(/^([0-9a-f]{2})+$/))),
  /** The passphrase is on its way out: the store is being written in clear. */
  opening: v.optional(v.literal(true)),
});

const Sealed = v.object({
  kdf: v.literal("argon2id"),
  memoryKib: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(ARGON2_MEMORY_MIN_KIB),
    v.maxValue(ARGON2_MEMORY_MAX_KIB),
  ),
  passes: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(ARGON2_PASSES_MIN_COUNT),
    v.maxValue(ARGON2_PASSES_MAX_COUNT),
  ),
  salt: hex(16),
  nonce: hex(24),
  box: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})+$/), v.maxLength(BOX_MAX_CHARACTERS)),
});

const Public = {
  name: v.string(),
  /** Certificate of the device, hex. */
  certificate: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})+$/), v.maxLength(1024)),
  /** Ports chosen at the first start. */
  ports: v.object({ tcp: v.number(), ws: v.number() }),
  /** Device keys (public, hex) that never sign again. */
  retired: v.array(hex(32)),
  /** Made from a phrase that was there before. */
  restored: v.optional(v.literal(true)),
};

const File = v.variant("version", [
  v.object({
    version: v.literal(CLEAR),
    ...Public,
    secrets: v.optional(Secrets),
    sealed: v.optional(Sealed),
  }),
  v.object({ version: v.literal(SEALED), sealed: Sealed }),
]);

/** What is in the box of a sealed file. */
const Box = v.object({ ...Public, secrets: Secrets });

type StoredFile = v.InferOutput<typeof File>;
type Sealing = v.InferOutput<typeof Sealed>;

/** What is public about an identity. */
export type IdentityFile = Omit<v.InferOutput<typeof Box>, "secrets">;
export type IdentitySecrets = v.InferOutput<typeof Secrets>;

/** A file that has been unlocked: what it says, its secrets, and how to write it again. */
export interface Unlocked {
  readonly file: IdentityFile;
  readonly secrets: IdentitySecrets;
  /** Whether a passphrase seals it. */
  readonly sealed: boolean;
  /** Writes a changed file under the same passphrase. */
  save(change: Partial<IdentityFile>, secrets: IdentitySecrets): Promise<Unlocked>;
  /** Writes it under another passphrase, or in clear. */
  reseal(passphrase: string | undefined, secrets: IdentitySecrets): Promise<Unlocked>;
}

/** Whether a profile has an identity file, and whether that is sealed. @throws ParleyError `identity-damaged`, `file-exposed` */
export async function findIdentityFile(path: string): Promise<{ sealed: boolean } | undefined> {
  const file = await readFile(path);
  return file && { sealed: file.sealed !== undefined };
}

async function readFile(path: string): Promise<StoredFile | undefined> {
  const text = await readPrivate(path);
  if (text === undefined) return undefined;
  try {
    const file = v.parse(File, JSON.parse(text));
    if (file.version === CLEAR && (file.secrets === undefined) === (file.sealed === undefined))
      throw new Error("both or neither sealed");
    return file;
  } catch (cause) {
    throw new ParleyError(
      "identity-damaged",
      `The identity file ${path} cannot be read. It was not changed.`,
      {
        hint: "Move it away and restore the identity from its recovery phrase: {parley id restore}",
        cause,
      },
    );
  }
}

/** @param passphrase asked for only when the file is sealed. @throws ParleyError `wrong-passphrase`, `no-identity` */
export async function unlock(path: string, passphrase: () => Promise<string>): Promise<Unlocked> {
  const file = await readFile(path);
  if (!file)
    throw new ParleyError("no-identity", "This profile has no identity yet.", {
      hint: "{parley init --name NAME}",
    });
  if (file.version === CLEAR && file.secrets)
    return unlocked(path, publicOf(file), file.secrets, undefined);
  const sealing = file.sealed as Sealing;
  const key = await deriveKey(await passphrase(), sealing);
  const plain = openBox(key, fromHex(sealing.nonce), fromHex(sealing.box));
  if (!plain)
    throw new ParleyError("wrong-passphrase", "That is not the passphrase of this profile.");
  const inside: unknown = JSON.parse(fromUtf8(plain));
  if (file.version === CLEAR)
    return unlocked(path, publicOf(file), v.parse(Secrets, inside), { key, sealing });
  const { secrets, ...rest } = v.parse(Box, inside);
  return unlocked(path, rest, secrets, { key, sealing });
}

function publicOf({ name, certificate, ports, retired, restored }: IdentityFile): IdentityFile {
  return { name, certificate, ports, retired, ...(restored ? { restored } : {}) };
}

/**
 * Writes a new identity file. A sealed store that lies there already opens by the key file that is gone and by no other: it is
 * set aside, for the day that one is found.
 * @param passphrase seals it; undefined leaves it to the file's permissions.
 */
export async function createIdentityFile(
  path: string,
  file: IdentityFile,
  secrets: IdentitySecrets,
  passphrase: string | undefined,
): Promise<Unlocked> {
  await setAside(join(dirname(path), SEALED_STORE), Date.now());
  return unlocked(path, file, secrets, undefined).reseal(passphrase, secrets);
}

interface Seal {
  readonly key: Uint8Array;
  readonly sealing: Omit<Sealing, "nonce" | "box">;
}

async function newSeal(passphrase: string): Promise<Seal> {
  const sealing = {
    kdf: "argon2id" as const,
    memoryKib: 64 * 1024,
    passes: 3,
    salt: toHex(randomBytes(16)),
  };
  return { key: await deriveKey(passphrase, sealing), sealing };
}

function unlocked(
  path: string,
  file: IdentityFile,
  secrets: IdentitySecrets,
  seal: Seal | undefined,
): Unlocked {
  const write = async (
    next: IdentityFile,
    newSecrets: IdentitySecrets,
    newSealing: Seal | undefined,
  ): Promise<Unlocked> => {
    const stored: StoredFile = newSealing
      ? { version: SEALED, sealed: sealBoxOf(newSealing, { ...next, secrets: newSecrets }) }
      : { version: CLEAR, ...next, secrets: newSecrets };
    await writePrivate(path, `${JSON.stringify(stored, null, 2)}\n`);
    return unlocked(path, next, newSecrets, newSealing);
  };
  return {
    file,
    secrets,
    sealed: seal !== undefined,
    save: (change, newSecrets) => write({ ...file, ...change }, newSecrets, seal),
    reseal: async (passphrase, newSecrets) =>
      write(file, newSecrets, passphrase === undefined ? undefined : await newSeal(passphrase)),
  };
}

function sealBoxOf({ key, sealing }: Seal, inside: v.InferOutput<typeof Box>): Sealing {
  const nonce = new Uint8Array(randomBytes(24));
  const box = sealBox(key, nonce, utf8(JSON.stringify(inside)));
  const { kdf, memoryKib, passes, salt } = sealing;
  return { kdf, memoryKib, passes, salt, nonce: toHex(nonce), box: toHex(box) };
}

/** Argon2id by the platform where it has it (Node 24.7), else in WebAssembly. */
async function deriveKey(
  passphrase: string,
  { memoryKib, passes, salt }: { memoryKib: number; passes: number; salt: string },
): Promise<Uint8Array> {
  const message = utf8(passphrase.normalize("NFC"));
  const nonce = fromHex(salt);
  try {
    if (typeof argon2 === "function") {
      const parameters = {
        message,
        nonce,
        parallelism: 1,
        tagLength: KEY_BYTES,
        memory: memoryKib,
        passes,
      };
      return await new Promise((resolve, reject) =>
        argon2("argon2id", parameters, (error, key) =>
          error ? reject(error) : resolve(new Uint8Array(key)),
        ),
      );
    }
    const { argon2id } = await import("hash-wasm");
    return await argon2id({
      password: message,
      salt: nonce,
      parallelism: 1,
      iterations: passes,
      memorySize: memoryKib,
      hashLength: KEY_BYTES,
      outputType: "binary",
    });
  } catch (cause) {
    if (isParleyError(cause)) throw cause;
    throw new ParleyError(
      "passphrase-failed",
      "The passphrase could not be worked on; is there enough memory?",
      { cause },
    );
  }
}
