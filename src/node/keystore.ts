/** The identity file: keys of a profile, sealed by a passphrase where one is wanted (docs/spec/keystore.md). */
import { argon2, randomBytes } from "node:crypto";
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
import { readPrivate, writePrivate } from "./files.ts";

const VERSION = 1;
const KEY_BYTES = 32;

const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)));

/** What the file keeps secret. */
const Secrets = v.object({
  /** 32 bytes behind the recovery phrase; absent on a device that never had it. */
  entropy: v.optional(hex(32)),
  /** Ed25519 seed of the device. */
  device: hex(32),
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
  box: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})+$/), v.maxLength(4096)),
});

const File = v.object({
  version: v.literal(VERSION),
  name: v.string(),
  /** Certificate of the device, hex. */
  certificate: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})+$/), v.maxLength(1024)),
  /** Ports chosen at the first start. */
  ports: v.object({ tcp: v.number(), ws: v.number() }),
  /** Device keys (public, hex) that never sign again. */
  retired: v.array(hex(32)),
  secrets: v.optional(Secrets),
  sealed: v.optional(Sealed),
});

export type IdentityFile = v.InferOutput<typeof File>;
export type IdentitySecrets = v.InferOutput<typeof Secrets>;

/** A file that has been unlocked: what it says, its secrets, and how to write it again. */
export interface Unlocked {
  readonly file: IdentityFile;
  readonly secrets: IdentitySecrets;
  /** Writes a changed file under the same passphrase. */
  save(
    change: Partial<Omit<IdentityFile, "secrets" | "sealed">>,
    secrets: IdentitySecrets,
  ): Promise<Unlocked>;
}

/** Whether a profile has an identity file. */
export async function readIdentityFile(path: string): Promise<IdentityFile | undefined> {
  const text = await readPrivate(path);
  if (text === undefined) return undefined;
  try {
    const file = v.parse(File, JSON.parse(text));
    if ((file.secrets === undefined) === (file.sealed === undefined))
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
  const file = await readIdentityFile(path);
  if (!file)
    throw new ParleyError("no-identity", "This profile has no identity yet.", {
      hint: "{parley init --name NAME}",
    });
  if (file.secrets) return unlocked(path, file, file.secrets, undefined);
  const sealed = file.sealed as v.InferOutput<typeof Sealed>;
  const key = await deriveKey(await passphrase(), sealed);
  const plain = openBox(key, fromHex(sealed.nonce), fromHex(sealed.box));
  if (!plain)
    throw new ParleyError("wrong-passphrase", "That is not the passphrase of this profile.");
  const secrets = v.parse(Secrets, JSON.parse(fromUtf8(plain)));
  return unlocked(path, file, secrets, { key, sealed });
}

/** Writes a new identity file. @param passphrase seals it; undefined leaves it to the file's permissions. */
export async function createIdentityFile(
  path: string,
  file: Omit<IdentityFile, "version" | "secrets" | "sealed">,
  secrets: IdentitySecrets,
  passphrase: string | undefined,
): Promise<Unlocked> {
  let seal: Seal | undefined;
  if (passphrase !== undefined) {
    const parameters = {
      kdf: "argon2id" as const,
      memoryKib: 64 * 1024,
      passes: 3,
      salt: toHex(randomBytes(16)),
    };
    seal = {
      key: await deriveKey(passphrase, parameters),
      sealed: { ...parameters, nonce: "", box: "" },
    };
  }
  return unlocked(path, { version: VERSION, ...file }, secrets, seal).save({}, secrets);
}

interface Seal {
  readonly key: Uint8Array;
  readonly sealed: v.InferOutput<typeof Sealed>;
}

function unlocked(
  path: string,
  file: IdentityFile,
  secrets: IdentitySecrets,
  seal: Seal | undefined,
): Unlocked {
  return {
    file,
    secrets,
    async save(change, newSecrets) {
      const { secrets: _secrets, sealed: _sealed, ...rest } = { ...file, ...change };
      const next: IdentityFile = seal
        ? { ...rest, sealed: reseal(seal, newSecrets) }
        : { ...rest, secrets: newSecrets };
      await writePrivate(path, `${JSON.stringify(next, null, 2)}\n`);
      return unlocked(path, next, newSecrets, seal);
    },
  };
}

function reseal({ key, sealed }: Seal, secrets: IdentitySecrets): v.InferOutput<typeof Sealed> {
  const nonce = new Uint8Array(randomBytes(24));
  const box = sealBox(key, nonce, utf8(JSON.stringify(secrets)));
  return { ...sealed, nonce: toHex(nonce), box: toHex(box) };
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
