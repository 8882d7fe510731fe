/** The recovery phrase: 24 BIP39 words for the 32 bytes everything of an identity grows from (docs/spec/identity.md). */
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { utf8 } from "../codec/bytes.ts";
import { ParleyError } from "../codec/errors.ts";
import type { Crypto } from "../crypto/port.ts";

export const PHRASE_WORDS = 24;
const ENTROPY_BYTES = 32;

/** The phrase of 32 random bytes. */
export function newPhrase(entropy: Uint8Array): string {
  if (entropy.length !== ENTROPY_BYTES)
    throw new ParleyError("bad-phrase", "A phrase stands for exactly 32 bytes.");
  return entropyToMnemonic(entropy, wordlist);
}

/** The 32 bytes of a phrase, in any case and spacing. @throws ParleyError `bad-phrase` saying which word is wrong */
export function phraseEntropy(phrase: string): Uint8Array {
  const words = phrase
    .normalize("NFKD")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  if (words.length !== PHRASE_WORDS) {
    throw new ParleyError(
      "bad-phrase",
      `A recovery phrase has ${PHRASE_WORDS} words; these are ${words.length}.`,
    );
  }
  const wrong = words.findIndex((word) => !wordlist.includes(word));
  if (wrong >= 0) {
    const near = wordlist.find((word) => word.slice(0, 4) === words[wrong]?.slice(0, 4));
    throw new ParleyError(
      "bad-phrase",
      `Word ${wrong + 1} of the phrase is not in the word list.`,
      {
        hint: near
          ? `Is it "${near}"?`
          : "The words are English and in small letters; see docs/spec/identity.md.",
      },
    );
  }
  try {
    return mnemonicToEntropy(words.join(" "), wordlist);
  } catch (cause) {
    throw new ParleyError(
      "bad-phrase",
      "Every word is known, but together they are not a phrase: the checksum is wrong.",
      {
        hint: "One word is another one, or two have changed places.",
        cause,
      },
    );
  }
}

/** Ed25519 seed of the root key, 32 bytes. */
export function rootSeed(crypto: Crypto, entropy: Uint8Array): Uint8Array {
  return crypto.hkdfSha256(entropy, new Uint8Array(0), utf8("parley/root/1"), 32);
}
