/** Several people with the real service over a virtual network: the network on, each with a store in memory. */
import type { AppEvent, Message } from "../../src/app/api.ts";
import type { ServiceInit } from "../../src/app/context.ts";
import { createService, type ParleyService } from "../../src/app/service.ts";
import { toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { x25519PublicKey, x25519SecretKey } from "../../src/core/crypto/x25519.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import { EPOCH_MS } from "../../src/core/log/clock.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import type { KvStore } from "../../src/storage/store.ts";
import { MemoryDisk } from "./memory-kv.ts";
import { openMemoryStore } from "./memory-store.ts";
import { promptCrypto } from "./prompt-crypto.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualNetwork, type VirtualTransport } from "./virtual-network.ts";
import { VirtualTime } from "./virtual-time.ts";

const silent = (): void => undefined;

export interface Someone {
  readonly name: string;
  readonly author: string;
  readonly service: ParleyService;
  readonly store: KvStore;
  readonly events: AppEvent[];
  readonly transport: () => VirtualTransport;
  readonly disk: MemoryDisk;
}

export class People {
  readonly time = new VirtualTime();
  readonly network: VirtualNetwork;
  readonly #seed: number;
  #count = 0;

  constructor(seed = 1) {
    this.#seed = seed;
    this.network = new VirtualNetwork(this.time, seed);
  }

  /** @param disk of somebody who comes back · @param device another one of the same person */
  async add(
    name: string,
    disk = new MemoryDisk(),
    device = name,
    more: Partial<ServiceInit> = {},
  ): Promise<Someone> {
    const number = ++this.#count;
    const seed = nodeCrypto.sha256(utf8(`device of ${device}`));
    const root = nodeCrypto.signer(nodeCrypto.sha256(utf8(`root of ${name}`)));
    const certificate = createCertificate(root, {
      device: nodeCrypto.signer(seed).publicKey,
      x25519: x25519PublicKey(x25519SecretKey(nodeCrypto, seed)),
      serial: Math.floor(this.time.nowMs()) - EPOCH_MS,
    });
    const { store } = await openMemoryStore(disk);
    let transport: VirtualTransport | undefined;
    const service = await createService({
      store,
      profile: "default",
      networkName: "virtual",
      device: { seed, certificate },
      name,
      createTransport: async (deviceSeed) =>
        (transport = this.network.node(nodeCrypto.signer(deviceSeed).publicKey)),
      retireDevice: () => Promise.reject(new Error("not in this test")),
      peerIdOf: toHex,
      onStop: silent,
      crypto: promptCrypto,
      clock: { nowMs: () => Math.floor(this.time.nowMs()) },
      timers: this.time,
      random: new SeededRandom(this.#seed * 1_000 + number),
      logger: { debug: silent, info: silent, warn: silent },
      version: "test",
      pid: number,
      localOnly: true,
      ...more,
    });
    const events: AppEvent[] = [];
    service.subscribe((event) => events.push(event));
    await service.startNetwork();
    const author = toHex(root.publicKey);
    return {
      name,
      author,
      service,
      store,
      events,
      disk,
      transport: () => transport as VirtualTransport,
    };
  }

  /** The same person again after a stop, from what is on the disk. */
  async restart(one: Someone): Promise<Someone> {
    await one.service.close("restart");
    await one.store.close();
    return this.add(one.name, one.disk);
  }

  /** Waits for work that takes virtual time. */
  async during<T>(work: Promise<T>, ms = 15_000): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    await Promise.all([settled, this.time.pass(ms)]);
    return work;
  }

  /** Connects everybody with everybody, as far as the network lets them. */
  meet(...people: Someone[]): void {
    people.forEach((a, i) => {
      for (const b of people.slice(i + 1)) this.network.dial(a.transport(), b.transport());
    });
  }

  /** From now on only people of one group hear each other. */
  part(...groups: Someone[][]): void {
    const sideOf = (node: VirtualTransport): number =>
      groups.findIndex((group) => group.some(({ transport }) => transport() === node));
    this.network.partition((a, b) => sideOf(a) !== sideOf(b));
  }

  heal(...people: Someone[]): void {
    this.network.partition(() => false);
    this.meet(...people);
  }

  /** Waits until something holds, looking once a virtual second, and more rarely after a while. */
  async until(what: string, holds: () => Promise<boolean>, limitMs = 1_500_000): Promise<void> {
    for (let waitedMs = 0; waitedMs < limitMs;) {
      if (await holds()) return;
      const stepMs = waitedMs < 20_000 ? 1_000 : 20_000;
      await this.time.pass(stepMs);
      waitedMs += stepMs;
    }
    throw new Error(`Waited in vain: ${what}`);
  }
}

/** Everything of a room that has to be the same for everybody. */
export async function viewOf({ service }: Someone, room: string): Promise<unknown> {
  const { messages } = await service.history({ room, limit: 1_000 });
  const members = await service.members({ room });
  return {
    texts: messages.map(({ id, text }: Message) => `${id} ${text}`),
    log: (await service.roomLog({ room })).map(({ id, effective, reason }) => [
      id,
      effective,
      reason,
    ]),
    members: members
      .map(({ author, rank, banned, mutedUntil }) => ({ author, rank, banned, mutedUntil }))
      .filter(({ rank, banned }) => rank !== null || banned)
      .sort((a, b) => (a.author < b.author ? -1 : 1)),
    topic: (await service.roomDetails({ room })).topic,
  };
}
