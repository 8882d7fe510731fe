/**
 * N nodes of the real client and core over a seeded network, clock and disk: partitions, crashes that lose what was not
 * synced, loss, doubles, overtaking, wrong clocks and a hostile peer. What happens follows from the seed alone.
 */
import type { Keep } from "../../src/app/retention-api.ts";
import { createService, type ParleyService } from "../../src/app/service.ts";
import { toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import type { Certificate } from "../../src/core/identity/types.ts";
import type { Clock, Store } from "../../src/core/interfaces.ts";
import { EPOCH_MS } from "../../src/core/log/clock.ts";
import { HIGHEST, LOWEST } from "../../src/core/log/order.ts";
import { networkId, openRoom } from "../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { MemoryDisk, type MemoryKv } from "../support/memory-kv.ts";
import { openMemoryStore } from "../support/memory-store.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import {
  type Conditions,
  VirtualNetwork,
  type VirtualTransport,
} from "../support/virtual-network.ts";
import { VirtualTime } from "../support/virtual-time.ts";

const NETWORK = "simulated";
const ROOM = openRoom(nodeCrypto, networkId(nodeCrypto, NETWORK), "#lobby");
const silent = (): void => undefined;
const logger = { debug: silent, info: silent, warn: silent };
const STEPS = 30;
/** How long healed nodes may take to become equal: two periods of the slowest schedule. */
const HEAL_MAX_MS = 1_500_000;

export interface SimulationOptions {
  readonly seed: number;
  /** A defect on purpose: own events are announced and acknowledged before they are synced. */
  readonly announceBeforeSync?: boolean;
}

/** Runs one seed. @throws Error naming the invariant that was broken */
export async function simulate(options: SimulationOptions): Promise<void> {
  const simulation = new Simulation(options);
  await simulation.run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: SeededRandom;
  readonly #time = new VirtualTime();
  readonly #network: VirtualNetwork;
  readonly #nodes: SimulatedNode[] = [];
  #hostile: VirtualTransport | undefined;
  #texts = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#network = new VirtualNetwork(this.#time, options.seed);
  }

  async run(): Promise<void> {
    const count = 2 + this.#random.below(3);
    for (let i = 0; i < count; i++) {
      // Most clocks are nearly right; some are off, but never a minute apart: from there on a node leaves texts unsigned.
      const skewMs = this.#random.chance(0.3)
        ? this.#random.below(56_000) - 28_000
        : this.#random.below(2_000) - 1_000;
      this.#nodes.push(new SimulatedNode(i, this.#time, this.#network, skewMs, this.#options));
    }
    if (this.#random.chance(0.4)) await this.#addHostile();
    for (const node of this.#nodes) await node.start(this.#random.word());
    this.#dialAll();
    for (let step = 0; step < STEPS; step++) await this.#step();
    await this.#heal();
    await this.#check();
    for (const node of this.#nodes) await node.stop();
  }

  async #step(): Promise<void> {
    const node = this.#nodes[this.#random.below(this.#nodes.length)] as SimulatedNode;
    const dice = this.#random.below(100);
    if (dice < 55) {
      for (let burst = 1 + this.#random.below(6); burst > 0; burst--)
        node.say(`text ${this.#texts++}`);
    } else if (dice < 68) {
      await node.crash(this.#random.below(4), this.#random.word());
    } else if (dice < 78) {
      const side = new Set(
        this.#nodes.filter(() => this.#random.chance(0.5)).map(({ transport }) => transport),
      );
      this.#network.partition((a, b) => side.has(a) !== side.has(b));
    } else if (dice < 88) {
      this.#network.partition(() => false);
      this.#dialAll();
    } else if (dice < 94) {
      const weather: Conditions = {
        delayMinMs: 1,
        delayMaxMs: 1 + this.#random.below(400),
        loss: this.#random.below(40) / 100,
        duplicates: this.#random.below(40) / 100,
      };
      this.#network.conditions = () => weather;
    } else if (dice < 97) {
      await this.#harass();
    } else {
      // One node forgets what is old: the others have it.
      await this.#nodes[1]?.keep({ messages: 1 + this.#random.below(20) });
    }
    await this.#time.pass(this.#random.below(2_000));
  }

  /** Everybody reaches everybody, and time passes until nothing changes any more. */
  async #heal(): Promise<void> {
    this.#network.partition(() => false);
    this.#network.conditions = () => ({ delayMinMs: 1, delayMaxMs: 5, loss: 0, duplicates: 0 });
    for (const node of this.#nodes) if (!node.running) await node.start(this.#random.word());
    // What was removed is wanted again.
    await this.#nodes[1]?.keep({});
    // Texts that wait for the gate are signed before the comparison.
    for (let round = 0; round < 6; round++) {
      this.#dialAll();
      await this.#time.pass(HEAL_MAX_MS / 6);
    }
  }

  async #check(): Promise<void> {
    const states = await Promise.all(this.#nodes.map((node) => node.state()));
    // Mostly 0. Where all who had nothing older met nobody but the one that forgets, nobody can tell them that nothing is older (ADR 127).
    const lowest = Math.min(...states.map(({ floor }) => floor));
    for (const [i, state] of states.entries()) {
      for (const text of this.#nodes[i]?.acknowledged ?? []) {
        if (!state.texts.includes(text))
          throw new Error(`node ${i} has lost "${text}", which it had acknowledged`);
      }
      if (state.problems.length > 0)
        throw new Error(`the store of node ${i}: ${state.problems.join(" ")}`);
      if (state.equivocated) throw new Error("a device signed two histories");
      if (state.floor !== lowest) throw new Error(`node ${i} has not fetched what it had removed`);
      if (state.sum !== states[0]?.sum) throw new Error(`nodes 0 and ${i} hold different sets`);
      if (state.heads !== states[0]?.heads)
        throw new Error(`nodes 0 and ${i} have different heads`);
      if (state.texts.join("\n") !== states[0]?.texts.join("\n"))
        throw new Error(`nodes 0 and ${i} show different histories`);
    }
  }

  #dialAll(): void {
    const all = [
      ...this.#nodes.map(({ transport }) => transport),
      ...(this.#hostile ? [this.#hostile] : []),
    ];
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1)) if (a && b) this.#network.dial(a, b);
  }

  async #addHostile(): Promise<void> {
    const hostile = this.#network.node(nodeCrypto.signer(new Uint8Array(32).fill(250)).publicKey);
    this.#hostile = hostile;
    await hostile.start({
      connected: silent,
      disconnected: silent,
      subscribers: silent,
      addresses: silent,
      notice: silent,
      stream: (stream) => void this.#answerNonsense(stream),
    });
    // It keeps what it hears, and says it again changed.
    hostile.join(ROOM.topic, (data) => {
      const mutated = data.slice();
      const at = this.#random.below(mutated.length);
      mutated[at] = (mutated[at] as number) ^ (1 + this.#random.below(255));
      void hostile.publish(ROOM.topic, this.#random.chance(0.5) ? mutated : data);
      return "ignore";
    });
  }

  async #answerNonsense(stream: { send(frame: Uint8Array): Promise<void> }): Promise<void> {
    for (let i = 0; i < 3; i++)
      await stream.send(this.#random.bytes(this.#random.below(200))).catch(silent);
  }

  async #harass(): Promise<void> {
    const hostile = this.#hostile;
    if (!hostile) return;
    await hostile.publish(ROOM.topic, this.#random.bytes(this.#random.below(500)));
    for (const { peerId } of hostile.peers()) {
      const stream = await hostile.open(peerId).catch(() => undefined);
      if (stream) await this.#answerNonsense(stream);
    }
  }
}

/** One person's node: it can lose its power and start again from its disk. */
class SimulatedNode {
  readonly acknowledged: string[] = [];
  readonly #number: number;
  readonly #time: VirtualTime;
  readonly #network: VirtualNetwork;
  readonly #clock: Clock;
  readonly #disk: MemoryDisk;
  readonly #root: ReturnType<typeof nodeCrypto.signer>;
  #device: { seed: Uint8Array; certificate: Certificate };
  #devices = 0;
  #running: { service: ParleyService; store: Store; kv: MemoryKv } | undefined;
  transport: VirtualTransport | undefined;

  constructor(
    number: number,
    time: VirtualTime,
    network: VirtualNetwork,
    skewMs: number,
    options: SimulationOptions,
  ) {
    this.#number = number;
    this.#time = time;
    this.#network = network;
    // As a computer's clock, it counts whole milliseconds.
    this.#clock = { nowMs: () => Math.floor(time.nowMs() + skewMs) };
    this.#disk = options.announceBeforeSync ? new LyingDisk() : new MemoryDisk();
    this.#root = nodeCrypto.signer(new Uint8Array(32).fill(number + 1));
    this.#device = this.#makeDevice();
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  async start(seed: number): Promise<void> {
    const { store, kv } = await openMemoryStore(this.#disk);
    const service = await createService({
      store,
      profile: `node${this.#number}`,
      networkName: NETWORK,
      device: this.#device,
      name: `node${this.#number}`,
      createTransport: async (deviceSeed) => {
        this.transport = this.#network.node(nodeCrypto.signer(deviceSeed).publicKey);
        return this.transport;
      },
      retireDevice: async () => (this.#device = this.#makeDevice()),
      peerIdOf: (device) => toHex(device),
      onStop: silent,
      crypto: nodeCrypto,
      clock: this.#clock,
      timers: this.#time,
      random: new SeededRandom(seed),
      logger,
      version: "simulated",
      pid: 1,
      localOnly: true,
    });
    this.#running = { service, store, kv };
    await service.join({ room: "lobby" });
    await service.startNetwork();
  }

  /** Says something; what `send` resolves for is acknowledged. */
  say(text: string): void {
    const running = this.#running;
    running?.service.send({ room: "lobby", text }).then(
      () => {
        if (this.#running === running) this.acknowledged.push(text);
      },
      () => undefined,
    );
  }

  /** Keeps so much of the room, and removes what is beyond it. */
  async keep(keep: Keep): Promise<void> {
    await this.#running?.service.setRetention({ room: "lobby", keep }).catch(silent);
  }

  /** The power goes; of the writes that were not synced the first few survive. Then it starts again. */
  async crash(kept: number, seed: number): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.kv.cut();
    this.#disk.crash(kept);
    await this.transport?.stop();
    void running.service.close("power loss").catch(() => undefined);
    await this.#time.pass(50);
    await this.start(seed);
    if (!this.transport) return;
    for (const other of this.#network.everyone())
      if (other !== this.transport) this.#network.dial(this.transport, other);
  }

  async stop(): Promise<void> {
    await this.#running?.service.close("end");
    await this.#running?.store.close();
  }

  async state() {
    const running = this.#running;
    if (!running) throw new Error("the node is not running");
    const { service, store } = running;
    const log = await store.room(ROOM.roomId);
    const { sum, count } = await log.sum({ lower: LOWEST, upper: HIGHEST });
    const heads = await log.heads(100);
    const { messages } = await service.history({ room: "lobby", limit: 1000 });
    return {
      sum: `${count} ${toHex(sum)}`,
      floor: log.floor(),
      heads: heads.map(({ id }) => toHex(id)).join(),
      texts: messages.map(({ text }) => text),
      problems: (await store.check()).problems,
      equivocated: (await log.chains()).some(({ equivocated }) => equivocated),
    };
  }

  #makeDevice(): { seed: Uint8Array; certificate: Certificate } {
    const seed = nodeCrypto.sha256(utf8(`device ${this.#number} ${this.#devices++}`));
    const certificate = createCertificate(this.#root, {
      device: nodeCrypto.signer(seed).publicKey,
      x25519: new Uint8Array(32).fill(9),
      serial: Math.floor(this.#time.nowMs()) - EPOCH_MS,
    });
    return { seed, certificate };
  }
}

/** Says that it has synced and has not: what a program does that announces before it syncs. */
class LyingDisk extends MemoryDisk {
  override write(puts: Parameters<MemoryDisk["write"]>[0]): void {
    super.write(puts, false);
  }
}
