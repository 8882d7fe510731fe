/**
 * Tells whoever asks over UDP what its address looks like from here: the Binding method of STUN (RFC 8489) and nothing else. A
 * relay answers on the numbers of its TCP ports, so that nobody needs a stranger's server to find a way through routers.
 */
import { createSocket, type Socket } from "node:dgram";
import type { Logger } from "../core/interfaces.ts";

const MAGIC_COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const HEADER_BYTES = 20;

export class StunServer {
  readonly #sockets: Socket[] = [];

  /** Answers on these UDP ports; those that are taken are left out, and logged. */
  static async listen(ports: readonly number[], logger: Logger): Promise<StunServer> {
    const server = new StunServer();
    for (const port of new Set(ports)) {
      try {
        await server.#open(port);
      } catch (error) {
        logger.warn("no STUN on this port", { port, error: String(error) });
      }
    }
    return server;
  }

  stop(): void {
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  #open(port: number): Promise<void> {
    const socket = createSocket({ type: "udp4" });
    socket.on("message", (message, { address, port: from }) => {
      const answer = answerOf(message, address, from);
      if (answer) socket.send(answer, from, address);
    });
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(port, () => {
        socket.off("error", reject);
        socket.on("error", () => undefined);
        socket.unref();
        this.#sockets.push(socket);
        resolve();
      });
    });
  }
}

/** The answer to a Binding request, or undefined for anything else. It is hardly longer than the question. */
export function answerOf(message: Uint8Array, address: string, port: number): Buffer | undefined {
  const request = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (request.length < HEADER_BYTES || request.readUInt16BE(0) !== BINDING_REQUEST)
    return undefined;
  if (request.readUInt32BE(4) !== MAGIC_COOKIE) return undefined;
  if (request.readUInt16BE(2) !== request.length - HEADER_BYTES) return undefined;
  const octets = address.split(".").map(Number);
  if (octets.length !== 4) return undefined;
  const answer = Buffer.alloc(HEADER_BYTES + 12);
  answer.writeUInt16BE(BINDING_SUCCESS, 0);
  answer.writeUInt16BE(12, 2);
  request.copy(answer, 4, 4, HEADER_BYTES);
  answer.writeUInt16BE(XOR_MAPPED_ADDRESS, HEADER_BYTES);
  answer.writeUInt16BE(8, HEADER_BYTES + 2);
  answer.writeUInt8(1, HEADER_BYTES + 5);
  answer.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), HEADER_BYTES + 6);
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  answer.writeUInt32BE((number ^ MAGIC_COOKIE) >>> 0, HEADER_BYTES + 8);
  return answer;
}
