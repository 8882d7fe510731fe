/** What somebody reads whose ticket does not let them in: each reason in a sentence of its own, with what to do next. */
import { multiaddr } from "@multiformats/multiaddr";
import { describe, expect, it } from "vitest";
import { refusalError } from "../../../../src/app/networks/refusals.ts";
import { ParleyError } from "../../../../src/core/codec/errors.ts";
import { REFUSALS } from "../../../../src/core/network/join.ts";
import { decodeTicket } from "../../../../src/core/network/ticket.ts";
import { dialError } from "../../../../src/network/connect-errors.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { readRepo } from "../../../support/repo.ts";

const address = multiaddr("/ip4/203.0.113.5/tcp/41733");
const named = (name: string, message = ""): Error => Object.assign(new Error(message), { name });

function reading(text: string): ParleyError {
  try {
    decodeTicket(nodeCrypto, text);
  } catch (error) {
    if (error instanceof ParleyError) return error;
  }
  throw new Error(`read as a ticket: ${text}`);
}

const whole: string = JSON.parse(readRepo("test/vectors/tickets.json")).ticket;

describe("a ticket that does not let in", () => {
  const errors: readonly ParleyError[] = [
    ...REFUSALS.map((refusal) => refusalError(refusal, "friends")),
    dialError(named("EncryptionFailedError", "read ECONNRESET"), address, true),
    dialError(named("Error", "read ECONNRESET"), address, true),
    dialError(named("EncryptionFailedError"), address, false),
    dialError(named("Error", "connect ECONNREFUSED"), address, true),
    reading("hello"),
    reading(whole.slice(0, -2)),
    // The first letter behind the colon begins the version.
    reading(whole.replace("parley:a", "parley:b")),
  ];

  it("has a sentence and a code of its own for each reason", () => {
    const sentences = errors.map(({ message }) => message);
    expect(new Set(sentences).size).toBe(errors.length);
    // "hello" and half a ticket are both not a ticket.
    expect(new Set(errors.map(({ code }) => code)).size).toBe(errors.length - 1);
  });

  it.each(errors)("$code: says what it is, and what to do next", ({ message, hint = "" }) => {
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(hint).toMatch(/^[A-Z].*/);
  });
});
