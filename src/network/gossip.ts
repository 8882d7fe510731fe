/** Gossipsub as a chat needs it: its defaults punish quiet rooms and shared addresses (docs/adr/0050-gossip-settings.md). */
import { createHash } from "node:crypto";
import type { Connection, PeerId, Stream } from "@libp2p/interface";
import { type GossipSub, gossipsub, StrictNoSign, TopicValidatorResult } from "@libp2p/gossipsub";
import { GOSSIP_STREAM_MAX_BYTES } from "../core/codec/limits.ts";
import type { Verdict } from "../core/interfaces.ts";

/** A whole answer to IWANT is one RPC, and one that is too large would end the reading of that peer. */
const INBOUND_RPC_MAX_BYTES = 4 * 1024 * 1024;

/** Larger messages are announced to the mesh at once, so that it does not send them again. */
const GOSSIP_SPARE_ABOVE_BYTES = 8_192;

/**
 * How many neighbours a node looks for to hand messages to directly: fewer than the six that gossipsub means for thousands of
 * nodes, because each costs everybody a copy (docs/adr/0220-fewer-copies-of-a-message.md). How many may look for it (12) stays.
 */
const MESH = { D: 4, Dlo: 3, Dscore: 3 } as const;

/** What a validator says, in gossipsub's words. */
export const VERDICTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

export function chatGossip() {
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: ({ topic, data }) => messageId(topic, data),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    runOnLimitedConnection: true,
    fallbackToFloodsub: false,
    floodPublish: true,
    emitSelf: false,
    doPX: false,
    ...MESH,
    maxInboundDataLength: INBOUND_RPC_MAX_BYTES,
    maxInboundStreams: 8,
    maxOutboundStreams: 8,
    decodeRpcLimits: {
      maxSubscriptions: 1_024,
      maxMessages: 1_024,
      maxIhaveMessageIDs: 1_024,
      maxIwantMessageIDs: 1_024,
      maxIdontwantMessageIDs: 1_024,
      maxControlMessages: 1_024,
      maxPeerInfos: 16,
    },
    // Below it a duplicate costs less than the message that spares it.
    idontwantMinDataSize: GOSSIP_SPARE_ABOVE_BYTES,
    scoreParams: {
      IPColocationFactorWeight: 0,
      behaviourPenaltyWeight: -1,
      topicScoreCap: 50,
      appSpecificScore: () => 1,
    },
    scoreThresholds: {
      gossipThreshold: -500,
      publishThreshold: -1_000,
      graylistThreshold: -2_500,
      acceptPXThreshold: 1_000,
      opportunisticGraftThreshold: 0,
    },
  });
}

/** Names a message in its topic alone: who posts it in another topic first keeps nobody from hearing it (docs/adr/0097-message-ids-per-room.md). */
function messageId(topic: string, data: Uint8Array): Uint8Array {
  return createHash("sha256").update(topic).update("\0").update(data).digest();
}

/** Score settings of one room's topic: first deliveries count, forgeries cost, silence does not. */
const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 1,
  firstMessageDeliveriesWeight: 1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 20,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 0.5,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 1_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.998,
} as const;

/** The parts of the router that it keeps to itself. */
interface Router {
  readonly streamsOutbound: ReadonlyMap<string, { readonly rawStream: Stream }>;
  sendRpc(peerId: string, rpc: { readonly messages?: readonly unknown[] }): boolean;
}

/**
 * Sends no messages to a peer that has not taken the ones before: the router itself would let them pile up in its stream
 * without a bound. What is not sent counts as not handed over, and reconciliation brings it.
 */
export function boundStreams(pubsub: GossipSub): void {
  const router = pubsub as unknown as Router;
  const send = router.sendRpc.bind(router);
  router.sendRpc = (peerId, rpc) => {
    const waitingBytes = router.streamsOutbound.get(peerId)?.rawStream.writeBufferLength ?? 0;
    if (waitingBytes > GOSSIP_STREAM_MAX_BYTES && (rpc.messages?.length ?? 0) > 0) return false;
    return send(peerId, rpc);
  };
}

/** Scores a topic from now on, or no longer. The router has no method for it: its parameters are an open record. */
export function scoreTopic(pubsub: GossipSub, topic: string, scored: boolean): void {
  const { topics } = (
    pubsub as unknown as { score: { params: { topics: Record<string, unknown> } } }
  ).score.params;
  if (scored) topics[topic] = { ...TOPIC_SCORE };
  else delete topics[topic];
}

/**
 * Opens gossip to a peer over a connection that is left when the one it ran over has ended, or when the peer has let go of the
 * stream we send on. The router does so for a peer that is new, and a peer of which one of two connections has ended is not.
 */
export function resumeGossip(pubsub: GossipSub, connection: Connection): void {
  const router = pubsub as unknown as {
    streamsOutbound: Map<string, { rawStream: Stream }>;
    onPeerConnected(peerId: PeerId, connection: Connection): void;
  };
  const { remotePeer } = connection;
  const id = remotePeer.toString();
  const stream = router.streamsOutbound.get(id)?.rawStream;
  if (stream?.status === "open" && stream.remoteWriteStatus === "writable") return;
  if (stream) {
    router.streamsOutbound.delete(id);
    stream.abort(new Error("nobody reads it"));
  }
  router.onPeerConnected(remotePeer, connection);
}

/** To how many peers messages of a topic are handed directly. */
export function meshOf(pubsub: GossipSub, topic: string): number {
  const { mesh } = pubsub as unknown as { mesh: Map<string, Set<string>> };
  return mesh.get(topic)?.size ?? 0;
}
