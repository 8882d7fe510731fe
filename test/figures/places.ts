/**
 * People who keep places at a relay, many in one process: node places.ts ADDRESS NETWORK COUNT. Each is a libp2p node with what
 * a relay sees of a person: Noise, yamux, identify, ping, gossip in one room, and a place that is kept. Prints how many are there.
 */
import { createHash } from "node:crypto";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { gossipsub, StrictNoSign } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { agentOf } from "../../src/network/libp2p-node.ts";

const [relay = "", network = "", count = "1"] = process.argv.slice(2);

for (let at = 1; at <= Number(count); at++) {
  const node = await createLibp2p({
    addresses: { listen: [] },
    nodeInfo: { name: "parley", version: "1", userAgent: agentOf(network) },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    // A process that is many people answers late.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: gossipsub({
        globalSignaturePolicy: StrictNoSign,
        msgIdFn: ({ topic, data }) =>
          createHash("sha256").update(topic).update("\0").update(data).digest(),
      }),
    },
  });
  node.services.pubsub.subscribe("room");
  const { transportManager } = (node as unknown as Inside).components;
  // A relay that many call at once lets some wait for longer than a dial takes.
  for (let there = false; !there;) {
    try {
      await node.dial(multiaddr(relay));
      await transportManager.listen([multiaddr(`${relay}/p2p-circuit`)]);
      there = true;
    } catch (error) {
      console.error(String(error));
    }
  }
  console.log(at);
}

interface Inside {
  readonly components: {
    readonly transportManager: { listen(addresses: readonly unknown[]): Promise<void> };
  };
}
