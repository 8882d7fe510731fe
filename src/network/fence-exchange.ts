/** The three frames of `/parley/net/1`, from either side. */
import type { Stream } from "@libp2p/interface";
import { ParleyError } from "../core/codec/errors.ts";
import { JOIN_FRAME_MAX_BYTES, JOIN_TIMEOUT_MS } from "../core/codec/limits.ts";
import type { Crypto } from "../core/crypto/port.ts";
import type { FrameStream, Random } from "../core/interfaces.ts";
import {
  commonKey,
  equalInTime,
  PROOF_NONCE_BYTES,
  proofAnswer,
  proofEnd,
  proofHello,
  proofKey,
  proofMac,
  readAnswer,
  readEnd,
  readHello,
} from "../core/network/proof.ts";
import type { NetworkSecret } from "../core/network/secret.ts";
import { Libp2pFrameStream } from "./frame-stream.ts";

/** One side of the exchange with one peer. */
export interface Prover {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly network: Uint8Array;
  readonly ownDevice: Uint8Array;
  /** The other side. */
  readonly peerId: string;
  readonly device: Uint8Array;
  /** Secrets that open something now, newest first. */
  readonly live: () => readonly NetworkSecret[];
}

/** Resolves with the secret that both have, or undefined where there is none. @throws ParleyError `bad-proof`, `stream-lost` */
export function proveAsDialler(prover: Prover, stream: Stream): Promise<NetworkSecret | undefined> {
  return exchange(prover, stream, async (frames, next) => {
    const { crypto, random } = prover;
    const secrets = prover.live();
    const keys = secrets.map(({ secret }) => proofKey(crypto, prover.network, secret));
    const ends = { dialler: prover.ownDevice, listener: prover.device };
    const nonce = random.bytes(PROOF_NONCE_BYTES);
    await frames.send(proofHello(crypto, keys, ends, nonce));
    const answer = readAnswer(await next());
    if (answer === null) return undefined;
    const key = keys[answer.theirs];
    const nonces = { dialler: nonce, listener: answer.nonce };
    if (!key || !equalInTime(answer.mac, proofMac(crypto, key, "listener", ends, nonces)))
      throw falseProof();
    await frames.send(proofEnd(proofMac(crypto, key, "dialler", ends, nonces)));
    return secrets[answer.theirs];
  });
}

/** The same from the side that was dialled. @param ask called once where there is no secret in common. */
export function proveAsListener(
  prover: Prover,
  stream: Stream,
  ask: () => Promise<boolean>,
): Promise<NetworkSecret | undefined> {
  return exchange(prover, stream, async (frames, next) => {
    const { crypto, random } = prover;
    const ends = { dialler: prover.device, listener: prover.ownDevice };
    const hello = readHello(await next());
    const find = () => {
      const secrets = prover.live();
      const keys = secrets.map(({ secret }) => proofKey(crypto, prover.network, secret));
      const common = commonKey(crypto, keys, ends, hello);
      return common && { ...common, secret: secrets[common.own] };
    };
    const common = find() ?? ((await ask()) ? find() : undefined);
    if (common === undefined) {
      await frames.send(proofAnswer(null));
      return undefined;
    }
    const nonces = { dialler: hello.nonce, listener: random.bytes(PROOF_NONCE_BYTES) };
    const mac = proofMac(crypto, common.key, "listener", ends, nonces);
    await frames.send(proofAnswer({ theirs: common.theirs, nonce: nonces.listener, mac }));
    const wanted = proofMac(crypto, common.key, "dialler", ends, nonces);
    if (!equalInTime(readEnd(await next()), wanted)) throw falseProof();
    return common.secret;
  });
}

/** Runs one exchange on a stream, in bounds and in time; the stream is closed after it. */
export async function exchange<T>(
  { peerId, device }: { readonly peerId: string; readonly device: Uint8Array },
  stream: Stream,
  run: (frames: FrameStream, next: () => Promise<Uint8Array>) => Promise<T>,
): Promise<T> {
  const frames = new Libp2pFrameStream(stream, peerId, device);
  const incoming = frames.frames()[Symbol.asyncIterator]();
  const timer = setTimeout(() => frames.abort("no answer in time"), JOIN_TIMEOUT_MS);
  timer.unref();
  const next = async (): Promise<Uint8Array> => {
    const { value, done } = await incoming.next();
    if (done === true) throw new ParleyError("stream-lost", "The other side said nothing more.");
    if (value.length > JOIN_FRAME_MAX_BYTES) throw falseProof();
    return value;
  };
  try {
    return await run(frames, next);
  } catch (error) {
    frames.abort("the exchange failed");
    throw error;
  } finally {
    clearTimeout(timer);
    await incoming.return?.(undefined);
    await frames.close();
  }
}

function falseProof(): ParleyError {
  return new ParleyError("bad-proof", "The other side does not keep to the rules of the network.");
}
