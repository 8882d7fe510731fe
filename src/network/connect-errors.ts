/** What a failed dial means to a person. */
import type { Multiaddr } from "@multiformats/multiaddr";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { hostAndPort } from "./addresses.ts";

export function dialError(error: unknown, address: Multiaddr): ParleyError {
  if (isParleyError(error)) return error;
  const text = namesAndMessages(error);
  const options = { cause: error };
  if (
    /UnexpectedPeerError|InvalidCryptoExchange|InvalidPeer|dialed to the wrong peer|does not match/i.test(
      text,
    )
  ) {
    const other = /12D3Koo\w+/g.exec(text.split("remote").at(-1) ?? "")?.[0];
    const who = other ? ` (peer ${other.slice(-8)})` : "";
    return new ParleyError("wrong-peer", `That address answered, but as somebody else${who}.`, {
      hint: "Ask for a new one.",
      ...options,
    });
  }
  if (/DialDenied|denied/i.test(text)) {
    return new ParleyError(
      "local-only",
      "With --local-only parley dials addresses of this machine alone.",
      options,
    );
  }
  if (
    /EncryptionFailed|MuxerUnavailable|ProtocolError|UnsupportedProtocol|multistream/i.test(text)
  ) {
    return new ParleyError(
      "unreachable",
      `Something answers at ${hostAndPort(address)}, but it is not parley.`,
      {
        hint: "Check the port, and that both sides run the same version.",
        ...options,
      },
    );
  }
  return new ParleyError("unreachable", `Nobody answers at ${hostAndPort(address)}.`, {
    hint: "Is parley open there, and the port forwarded?",
    ...options,
  });
}

/** Names and messages of an error, its causes, and the errors gathered in it. */
function namesAndMessages(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 4) return String(error);
  const inner = error instanceof AggregateError ? error.errors : [];
  return [
    `${error.name} ${error.message}`,
    ...inner.map((each) => namesAndMessages(each, depth + 1)),
    error.cause ? namesAndMessages(error.cause, depth + 1) : "",
  ].join("\n");
}
