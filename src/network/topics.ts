/** The topics of a node: one a room, judged by who joined it. */
import type { TopicValidator } from "../core/interfaces.ts";
import { boundStreams, meshOf, scoreTopic, VERDICTS } from "./gossip.ts";
import { GossipPace } from "./gossip-pace.ts";
import type { ParleyNode } from "./libp2p-node.ts";

export class Topics {
  readonly #node: ParleyNode;
  readonly #pace = new GossipPace();

  constructor(node: ParleyNode) {
    this.#node = node;
    boundStreams(node.services.pubsub);
  }

  /** The node runs: what was joined before is subscribed to. */
  started(): void {
    const { pubsub } = this.#node.services;
    for (const topic of pubsub.topicValidators.keys()) pubsub.subscribe(topic);
  }

  join(topic: string, validator: TopicValidator): void {
    const { pubsub } = this.#node.services;
    pubsub.topicValidators.set(
      topic,
      async (from, message) => VERDICTS[await validator(message.data, from.toString())],
    );
    scoreTopic(pubsub, topic, true);
    // Before the start there is nothing to subscribe at.
    if (this.#node.status === "started") pubsub.subscribe(topic);
  }

  leave(topic: string): void {
    const { pubsub } = this.#node.services;
    if (this.#node.status === "started") pubsub.unsubscribe(topic);
    pubsub.topicValidators.delete(topic);
    scoreTopic(pubsub, topic, false);
  }

  async publish(topic: string, data: Uint8Array): Promise<{ recipients: number }> {
    await this.#pace.ready(this.#node.getConnections());
    const { recipients } = await this.#node.services.pubsub.publish(topic, data);
    return { recipients: recipients.length };
  }

  subscribers(topic: string): string[] {
    return this.#node.services.pubsub.getSubscribers(topic).map((peerId) => peerId.toString());
  }

  mesh(topic: string): number {
    return meshOf(this.#node.services.pubsub, topic);
  }
}
