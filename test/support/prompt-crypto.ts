/** The platform's cryptography without its threads: under a virtual clock nothing may take real time. */
import type { Crypto } from "../../src/core/crypto/port.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";

export const promptCrypto: Crypto = {
  ...nodeCrypto,
  signer(seed) {
    const signer = nodeCrypto.signer(seed);
    return { ...signer, signAll: async (messages) => messages.map(signer.sign) };
  },
};
