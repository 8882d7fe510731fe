/**
 * A private table of who is in which room (kad-dht), for networks that have grown past what peers of peers serve. A room is
 * found under a hash of its topic, which is an HMAC of the room's key: who does not know the room asks in vain (docs/spec/reach.md).
 */
import { createHash } from "node:crypto";
import { kadDHT, passthroughMapper, type KadDHT } from "@libp2p/kad-dht";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { DHT_PROVIDERS_MAX_COUNT, DIAL_TIMEOUT_MS } from "../core/codec/limits.ts";
import type { Logger } from "../core/interfaces.ts";
import { withPeer } from "./addresses.ts";
import { componentsOf, type LateParts } from "./components.ts";
import type { ParleyNode } from "./libp2p-node.ts";

const SHA2_256 = 0x12;
const RAW = 0x55;

export interface RoomTableInit {
  readonly node: ParleyNode;
  readonly parts: LateParts;
  readonly logger: Logger;
  /** Tells networks apart: the table speaks `/parley/MARK/kad/1.0.0`. */
  readonly mark: string;
  readonly found: (address: string) => void;
}

export class RoomTable {
  readonly #init: RoomTableInit;
  readonly #dht: KadDHT;

  private constructor(init: RoomTableInit, dht: KadDHT) {
    this.#init = init;
    this.#dht = dht;
  }

  static async load(init: RoomTableInit): Promise<RoomTable> {
    const components: unknown = componentsOf(init.node);
    const make = kadDHT({
      protocol: `/parley/${init.mark}/kad/1.0.0`,
      // Left to itself it would never serve on private addresses, and a LAN has no others.
      clientMode: false,
      peerInfoMapper: passthroughMapper,
    });
    const dht = make(components as Parameters<typeof make>[0]);
    return new RoomTable(init, await init.parts.add(dht));
  }

  /** Says that this node is in a room. */
  async provide(topic: string): Promise<void> {
    const signal = AbortSignal.timeout(DIAL_TIMEOUT_MS);
    for await (const _ of this.#dht.provide(roomCid(topic), { signal }));
  }

  /** Looks for others who are; their addresses are hints that only a dial proves. */
  async find(topic: string): Promise<void> {
    const signal = AbortSignal.timeout(DIAL_TIMEOUT_MS);
    let count = 0;
    for await (const event of this.#dht.findProviders(roomCid(topic), { signal })) {
      if (event.name !== "PROVIDER") continue;
      for (const { id, multiaddrs } of event.providers) {
        if (id.equals(this.#init.node.peerId)) continue;
        for (const address of multiaddrs) this.#init.found(withPeer(address, id));
        if (++count >= DHT_PROVIDERS_MAX_COUNT) return;
      }
    }
  }
}

function roomCid(topic: string): CID {
  const hash = createHash("sha256").update("parley/dht/1\0").update(topic).digest();
  return CID.createV1(RAW, create(SHA2_256, new Uint8Array(hash)));
}
