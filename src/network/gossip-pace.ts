/** Back-pressure for gossip, which has none of its own: before a publish, every gossip stream must have taken most of what it holds. */
import type { Connection, Stream } from "@libp2p/interface";
import { GOSSIP_BUFFER_MAX_BYTES, GOSSIP_DRAIN_MAX_MS } from "../core/codec/limits.ts";
import { drained } from "./drained.ts";

export class GossipPace {
  /** Streams that took nothing for too long: nobody waits for them until they do. */
  readonly #stuck = new WeakSet<Stream>();

  /** Resolves when the next publish may go. */
  async ready(connections: readonly Connection[]): Promise<void> {
    for (const { streams } of connections) {
      for (const stream of streams) {
        if (stream.direction === "outbound" && stream.protocol.startsWith("/meshsub/"))
          await this.#drained(stream);
      }
    }
  }

  async #drained(stream: Stream): Promise<void> {
    if (stream.writeBufferLength <= GOSSIP_BUFFER_MAX_BYTES) {
      this.#stuck.delete(stream);
      return;
    }
    if (this.#stuck.has(stream)) return;
    await drained(stream, GOSSIP_BUFFER_MAX_BYTES, AbortSignal.timeout(GOSSIP_DRAIN_MAX_MS));
    if (stream.writeBufferLength > GOSSIP_BUFFER_MAX_BYTES) this.#stuck.add(stream);
  }
}
