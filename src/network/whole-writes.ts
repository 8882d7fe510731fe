/**
 * Noise hands over each message as a length and a body, and the TCP transport writes each part by itself: two system calls
 * here, two segments on the wire, two wake-ups at the other side. Put together they are one.
 */
import { noise } from "@chainsafe/libp2p-noise";
import type { MessageStream } from "@libp2p/interface";

type Encrypter = ReturnType<ReturnType<typeof noise>>;

/** Noise over connections that write each message whole. */
export function wholeNoise(): ReturnType<typeof noise> {
  const make = noise();
  return (components) => {
    const encrypter: Encrypter = make(components);
    const inbound = encrypter.secureInbound.bind(encrypter);
    const outbound = encrypter.secureOutbound.bind(encrypter);
    encrypter.secureInbound = (stream, options) => inbound(writingWhole(stream), options);
    encrypter.secureOutbound = (stream, options) => outbound(writingWhole(stream), options);
    return encrypter;
  };
}

function writingWhole<Connection extends MessageStream>(stream: Connection): Connection {
  const send = stream.send.bind(stream);
  stream.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return stream;
}
