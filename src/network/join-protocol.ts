/** `/parley/join/1` on a stream: who asks and who answers (docs/spec/private-networks.md). */
import type { Connection, Stream } from "@libp2p/interface";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { JOIN_TIMEOUT_MS, JOINS_AT_ONCE_MAX_COUNT } from "../core/codec/limits.ts";
import type { Logger, Random } from "../core/interfaces.ts";
import {
  encodeAnswer,
  encodeChallenge,
  encodeRequest,
  JOIN_NONCE_BYTES,
  type JoinRequest,
  readAnswer,
  readChallenge,
  readRequest,
  type Refusal,
} from "../core/network/join.ts";
import type { JoinDoor } from "../core/network/ports.ts";
import { exchange } from "./fence-exchange.ts";
import { deviceOf } from "./peer-id.ts";

export const JOIN_PROTOCOL = "/parley/join/1";

/** Answers one after the other what comes in over this protocol, and only so many at once. */
export class JoinResponder {
  readonly #door: JoinDoor;
  readonly #random: Random;
  readonly #logger: Logger;
  #running = 0;

  constructor(door: JoinDoor, random: Random, logger: Logger) {
    this.#door = door;
    this.#random = random;
    this.#logger = logger;
  }

  async handle(stream: Stream, connection: Connection): Promise<void> {
    const device = deviceOf(connection.remotePeer);
    if (!device) return stream.abort(new Error("not served"));
    const peer = { peerId: connection.remotePeer.toString(), device };
    const busy = this.#running >= JOINS_AT_ONCE_MAX_COUNT;
    this.#running++;
    try {
      await exchange(peer, stream, async (frames, next) => {
        const nonce = this.#random.bytes(JOIN_NONCE_BYTES);
        await frames.send(encodeChallenge(nonce));
        const request = readRequest(await next());
        const answer = busy ? "join-busy" : await this.#door.answer(request, { device, nonce });
        await frames.send(encodeAnswer(answer));
      });
    } catch (error) {
      this.#logger.debug("a request to join failed", { peer: peer.peerId, error: String(error) });
    } finally {
      this.#running--;
    }
  }
}

/**
 * Asks the other side to be let in. @param make the request, once the nonce to be signed is known
 * @returns what was sealed for this device, or why it is not let in. @throws ParleyError `unreachable`, `bad-join`, `join-newer`
 */
export async function askToJoin(
  connection: Connection,
  make: (nonce: Uint8Array, responder: Uint8Array) => JoinRequest,
): Promise<Uint8Array | Refusal> {
  const device = deviceOf(connection.remotePeer);
  if (!device) throw noAnswer();
  try {
    const stream = await connection.newStream(JOIN_PROTOCOL, {
      signal: AbortSignal.timeout(JOIN_TIMEOUT_MS),
      runOnLimitedConnection: true,
    });
    const peer = { peerId: connection.remotePeer.toString(), device };
    return await exchange(peer, stream, async (frames, next) => {
      const nonce = readChallenge(await next());
      await frames.send(encodeRequest(make(nonce, device)));
      return readAnswer(await next());
    });
  } catch (error) {
    if (isParleyError(error) && error.code !== "stream-lost") throw error;
    throw noAnswer(error);
  }
}

function noAnswer(cause?: unknown): ParleyError {
  return new ParleyError("unreachable", "Whoever answers there lets nobody in.", {
    hint: "Ask for a new ticket.",
    cause,
  });
}
