/** Secrets a person gives: from a file, a descriptor, a pipe or the terminal; never from the arguments. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { ParleyError } from "../src/core/codec/errors.ts";
import { PASSPHRASE_MAX_BYTES } from "../src/core/codec/limits.ts";
import { canAsk, type Context } from "./context.ts";
import { askSecret } from "./prompt.ts";

/** How the passphrase of this run is found when it is needed. @throws ParleyError `passphrase-needed` */
export function passphraseFrom(context: Context): () => Promise<string> {
  return async () => {
    const { passphraseFile } = context.flags;
    if (passphraseFile !== undefined) return readPassphraseFile(passphraseFile);
    if (canAsk(context)) return askSecret("Passphrase: ");
    throw new ParleyError("passphrase-needed", "This identity is locked with a passphrase.", {
      hint: "Name a file that holds it: --passphrase-file FILE",
    });
  };
}

/**
 * The first line of a file that only its owner can read, or of a descriptor given as its number.
 * @throws ParleyError `passphrase-file`
 */
export function readPassphraseFile(file: string): string {
  const descriptor = /^\d{1,4}$/.test(file) ? Number(file) : undefined;
  let text: string;
  try {
    text = descriptor === undefined ? readOwnFile(file) : readFileSync(descriptor, "utf8");
  } catch (cause) {
    if (cause instanceof ParleyError) throw cause;
    throw new ParleyError("passphrase-file", `The passphrase file ${file} cannot be read.`, {
      cause,
    });
  }
  return passphraseOf(text);
}

/**
 * The passphrase to lock a new identity with: of --passphrase-file, or of standard input where that was
 * asked for; `undefined` for an identity that is not locked. @throws ParleyError `passphrase-file`
 */
export function newPassphrase(context: Context, fromInput: boolean): string | undefined {
  if (fromInput) return passphraseOf(readFileSync(process.stdin.fd, "utf8"));
  const { passphraseFile } = context.flags;
  return passphraseFile === undefined ? undefined : readPassphraseFile(passphraseFile);
}

/** The passphrase in what was read: its first line. @throws ParleyError `passphrase-file` */
export function passphraseOf(text: string): string {
  const [line = ""] = text.split(/\r?\n/, 1);
  if (line === "")
    throw new ParleyError("passphrase-file", "No passphrase was given: the first line is empty.");
  if (Buffer.byteLength(line) > PASSPHRASE_MAX_BYTES) {
    throw new ParleyError(
      "passphrase-file",
      `A passphrase has at most ${PASSPHRASE_MAX_BYTES} bytes.`,
    );
  }
  return line;
}

function readOwnFile(file: string): string {
  const handle = openSync(file, "r");
  try {
    const { mode } = fstatSync(handle);
    const isFile = fstatSync(handle).isFile();
    if (process.platform !== "win32" && isFile && (mode & 0o077) !== 0) {
      throw new ParleyError("passphrase-file", `Others can read the passphrase file ${file}.`, {
        hint: `Close it first: chmod 600 ${file}`,
      });
    }
    return readFileSync(handle, "utf8");
  } finally {
    closeSync(handle);
  }
}
