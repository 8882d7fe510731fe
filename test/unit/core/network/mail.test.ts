import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isParleyError } from "../../../../src/core/codec/errors.ts";
import { MAIL_FRAME_MAX_BYTES, MAIL_SEALED_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { x25519PublicKey, x25519SecretKey } from "../../../../src/core/crypto/x25519.ts";
import { createCertificate } from "../../../../src/core/identity/certificate.ts";
import {
  decodeMailAnswer,
  decodeMailFrame,
  encodeMailAnswer,
  encodeMailFrame,
  type Mail,
  type MailFrame,
  mailboxOf,
  openMail,
  sealMail,
} from "../../../../src/core/network/mail.ts";
import { nodeCrypto as crypto } from "../../../../src/node/crypto.ts";

function someone(number: number) {
  const seed = new Uint8Array(32).fill(number);
  const signer = crypto.signer(seed);
  const x25519Secret = x25519SecretKey(crypto, seed);
  const certificate = createCertificate(crypto.signer(new Uint8Array(32).fill(number + 100)), {
    device: signer.publicKey,
    x25519: x25519PublicKey(x25519Secret),
    serial: 1,
  });
  return { signer, certificate, device: signer.publicKey, x25519Secret };
}

const [ana, bob, eve] = [someone(1), someone(2), someone(3)];
const mail: Mail = {
  name: "ana",
  text: "marmalade",
  epochs: [{ id: new Uint8Array(32).fill(5), secret: new Uint8Array(32).fill(6) }],
  page: new Uint8Array(300).fill(7),
};
const fresh = new Uint8Array(32).fill(9);
const seal = (it: Mail = mail) => sealMail(ana, bob.certificate, it, fresh) as Uint8Array;

describe("mail", () => {
  it("DIRECT-9 is opened by the device it is for, and says who has signed it; nobody else opens it, and no changed byte", () => {
    const sealed = seal();
    expect(openMail(crypto, bob, sealed)).toEqual({ ...mail, sender: ana.certificate });
    expect(openMail(crypto, eve, sealed)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = sealed.slice();
        changed[at] = (changed[at] as number) ^ bits;
        // The uppermost bit of an X25519 key says nothing.
        fc.pre(!(at === 31 && bits === 0x80));
        expect(openMail(crypto, bob, changed)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it("DIRECT-9 what was signed for one device is not taken by another, nor what somebody else has signed", () => {
    // Bob seals on to eve what ana has signed for him; eve says that she is ana.
    const forged = sealMail(
      { certificate: ana.certificate, signer: eve.signer },
      bob.certificate,
      mail,
      fresh,
    );
    expect(openMail(crypto, bob, forged as Uint8Array)).toBeUndefined();
    const asIfForBob = { ...eve.certificate, device: bob.device };
    const passedOn = sealMail(ana, asIfForBob, mail, fresh) as Uint8Array;
    expect(openMail(crypto, { ...eve, device: bob.device }, passedOn)?.text).toBe("marmalade");
    expect(openMail(crypto, eve, passedOn)).toBeUndefined();
    const keyless = { ...bob.certificate, x25519: new Uint8Array(32) };
    expect(sealMail(ana, keyless, mail, fresh)).toBeUndefined();
  });

  it("DIRECT-9 its size is one of a few, and bounded", () => {
    const sizes = [0, 300, 2_000, 10_000, 20_000, 30_000, 40_000, 48_000].map(
      (length) => seal({ ...mail, page: new Uint8Array(length) })?.length,
    );
    expect(sizes.map((size) => size && size - 48)).toEqual([
      1_024,
      1_024,
      4_096,
      16_384,
      32_768,
      32_768,
      MAIL_SEALED_MAX_BYTES - 48,
      MAIL_SEALED_MAX_BYTES - 48,
    ]);
    expect(seal({ ...mail, page: new Uint8Array(MAIL_SEALED_MAX_BYTES) })).toBeUndefined();
  });

  it("DIRECT-10 frames say what they were made of, and no others are read", () => {
    const mailbox = mailboxOf(crypto, new Uint8Array(32), bob.device);
    const frames: MailFrame[] = [
      { type: "give", mailbox, slot: 7, sealed: seal() },
      { type: "bring", sealed: seal() },
      { type: "ask" },
    ];
    for (const frame of frames) expect(decodeMailFrame(encodeMailFrame(frame))).toEqual(frame);
    for (const answer of [0, 1, 2] as const)
      expect(decodeMailAnswer(encodeMailAnswer(answer))).toBe(answer);
    expect(mailboxOf(crypto, new Uint8Array(32).fill(1), bob.device)).not.toEqual(mailbox);
    const codeOf = (read: () => unknown): string => {
      try {
        read();
        return "read";
      } catch (error) {
        return isParleyError(error) ? error.code : String(error);
      }
    };
    const most = MAIL_FRAME_MAX_BYTES;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(["read", "bad-frame"]).toContain(codeOf(() => decodeMailFrame(bytes)));
        expect(["read", "bad-frame"]).toContain(codeOf(() => decodeMailAnswer(bytes)));
      }),
    );
    const tooMuch = encodeMailFrame({ type: "bring", sealed: new Uint8Array(most) });
    expect(codeOf(() => decodeMailFrame(tooMuch))).toBe("bad-frame");
    const short = encodeMailFrame({
      type: "give",
      mailbox: mailbox.slice(1),
      slot: 1,
      sealed: mailbox,
    });
    expect(codeOf(() => decodeMailFrame(short))).toBe("bad-frame");
  });
});
