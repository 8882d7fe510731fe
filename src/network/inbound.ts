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
  /** Protocols the node has been told of. */
  readonly #known = new Set<string>();
  #running: { readonly node: ParleyNode; readonly names: ProtocolNames } | undefined;
  #registered = Promise.resolve();

  /** Null: it is not answered any more. Resolves once the node that runs does so, and says so to others. */
  serve(protocol: string, answer: Answer | null): Promise<void> {
    if (answer) this.#answers.set(protocol, answer);
    else this.#answers.delete(protocol);
    return this.#register();
  }

  shun(peerId: string, on: boolean): void {
    if (on) this.#shunned.add(peerId);
    else this.#shunned.delete(peerId);
  }

  isShunned(peerId: string | undefined): boolean {
    return peerId !== undefined && this.#shunned.has(peerId);
  }

  start(node: ParleyNode, names: ProtocolNames): Promise<void> {
    this.#running = { node, names };
    return this.#register();
  }

  /** Changes come in turn: the node knows what is answered now, whatever was asked for meanwhile. */
  #register(): Promise<void> {
    this.#registered = this.#registered
      .catch(() => undefined)
      .then(async () => {
        if (!this.#running) return;
        const { node, names } = this.#running;
        for (const protocol of this.#known)
          if (!this.#answers.has(protocol)) {
            this.#known.delete(protocol);
            await node.unhandle(names(protocol));
          }
        for (const protocol of this.#answers.keys())
          if (!this.#known.has(protocol)) {
            this.#known.add(protocol);
            await node.handle(
              names(protocol),
              (stream, { remotePeer }) => this.#take(stream, remotePeer, protocol),
              STREAMS,
            );
          }
      });
    return this.#registered;
  }

  #take(stream: Stream, remotePeer: Connection["remotePeer"], protocol: string): void {
    const device = deviceOf(remotePeer);
    const peerId = remotePeer.toString();
    const answer = this.#answers.get(protocol);
    if (!device || !answer || this.isShunned(peerId)) stream.abort(new Error("not served"));
    else answer(new Libp2pFrameStream(stream, peerId, device));
  }
}
