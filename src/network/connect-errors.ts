/** What a failed dial means to a person. */
import type { Multiaddr } from "@multiformats/multiaddr";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { hostAndPort } from "./addresses.ts";

/** @param keyed whether this node has a network key: then what answers may lack it, or have another one */
export function dialError(error: unknown, address: Multiaddr, keyed: boolean): ParleyError {
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
  if (keyed && /EncryptionFailed/.test(text)) {
    return new ParleyError(
      "network-key-wrong",
      `What answers at ${hostAndPort(address)} has another network key.`,
      {
        hint: "It is in another network, or its key was changed. Ask for a new ticket.",
        ...options,
      },
    );
  }
  // Whoever has no key hangs up on the noise with which the other begins.
  if (keyed && /read ECONNRESET|UnexpectedEOF/.test(text)) {
    return new ParleyError(
      "network-key-none",
      `What answers at ${hostAndPort(address)} has no network key.`,
      { hint: "It is in an open network, or it is not parley.", ...options },
    );
  }
  if (!keyed && /EncryptionFailed/.test(text)) {
    return new ParleyError(
      "network-key-missing",
      `What answers at ${hostAndPort(address)} wants a network key, or it is not parley.`,
      {
        hint: "Into a private network you come by a ticket: {parley net join TICKET|/net join TICKET}",
        ...options,
      },
    );
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
