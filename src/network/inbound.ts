/** Which streams from outside are answered, and by whom. */
import type { Connection, Stream } from "@libp2p/interface";
import type { FrameStream } from "../core/interfaces.ts";
import { Libp2pFrameStream } from "./frame-stream.ts";
import type { ParleyNode } from "./libp2p-node.ts";
import { deviceOf } from "./peer-id.ts";
import type { ProtocolNames } from "./protocol-names.ts";

type Answer = (stream: FrameStream) => void;

/** Of each protocol and peer; a relayed connection serves as well. */
export const STREAMS = {
  runOnLimitedConnection: true,
  maxInboundStreams: 4,
  maxOutboundStreams: 4,
};

export class Inbound {
  readonly #answers = new Map<string, Answer>();
  /** Peers that nothing is answered. */
  readonly #shunned = new Set<string>();

  serve(protocol: string, answer: Answer): void {
    this.#answers.set(protocol, answer);
  }

  shun(peerId: string, on: boolean): void {
    if (on) this.#shunned.add(peerId);
    else this.#shunned.delete(peerId);
  }

  isShunned(peerId: string | undefined): boolean {
    return peerId !== undefined && this.#shunned.has(peerId);
  }

  async start(node: ParleyNode, names: ProtocolNames): Promise<void> {
    for (const [protocol, answer] of this.#answers)
      await node.handle(
        names(protocol),
        (stream, { remotePeer }) => this.#take(stream, remotePeer, answer),
        STREAMS,
      );
  }

  #take(stream: Stream, remotePeer: Connection["remotePeer"], answer: Answer): void {
    const device = deviceOf(remotePeer);
    const peerId = remotePeer.toString();
    if (!device || this.isShunned(peerId)) stream.abort(new Error("not served"));
    else answer(new Libp2pFrameStream(stream, peerId, device));
  }
}
