/** Noise, at half the price: what it does around each message costs more than the message (docs/adr/0184-frames-that-say-little.md). */
import { noise } from "@chainsafe/libp2p-noise";
import type { MessageStream } from "@libp2p/interface";

type Encrypter = ReturnType<ReturnType<typeof noise>>;
type Part = { readonly byteLength: number; getUint16(at: number): number };

/** What the type of a secured connection hides. */
interface Inside {
  readonly decoder: { lengthDecoder: (data: Part) => number };
}

const LENGTH_BYTES = 2;
/** Thrown after each message of which no next one has come: made once, because the trace of where it was made is what it costs. */
const INCOMPLETE = new RangeError("the next message has not begun");

/** Noise over connections that write each message whole. */
export function sparingNoise(): ReturnType<typeof noise> {
  const make = noise();
  return (components) => {
    const encrypter: Encrypter = make(components);
    const inbound = encrypter.secureInbound.bind(encrypter);
    const outbound = encrypter.secureOutbound.bind(encrypter);
    encrypter.secureInbound = async (stream, options) =>
      readingCheaply(await inbound(writingWhole(stream), options));
    encrypter.secureOutbound = async (stream, options) =>
      readingCheaply(await outbound(writingWhole(stream), options));
    return encrypter;
  };
}

/**
 * Noise hands over each message as a length and a body, and the TCP transport writes each part by itself: two system calls
 * here, two segments on the wire, two wake-ups at the other side. Put together they are one.
 */
function writingWhole<Connection extends MessageStream>(stream: Connection): Connection {
  const send = stream.send.bind(stream);
  stream.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return stream;
}

function readingCheaply<Secured extends { readonly connection: MessageStream }>(
  secured: Secured,
): Secured {
  const { decoder } = secured.connection as unknown as Inside;
  decoder.lengthDecoder = (data) => {
    if (data.byteLength < LENGTH_BYTES) throw INCOMPLETE;
    return data.getUint16(0);
  };
  return secured;
}
