/**
 * Every network a profile is in: one service each, over one store and one identity, kept apart by the scope of their records and
 * by nodes of their own (docs/adr/0130-a-node-for-each-network.md).
 */
import { toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { NETWORKS_MAX_COUNT } from "../../core/codec/limits.ts";
import type { MetaChange, Transport } from "../../core/interfaces.ts";
import type { Grant } from "../../core/network/join.ts";
import type { PrivateNetwork } from "../../core/network/ports.ts";
import { privateNetworkId } from "../../core/network/secret.ts";
import { decodeSwarmKey } from "../../core/network/swarm-key.ts";
import { canonicalNetworkName, networkId } from "../../core/room/open-room.ts";
import type { OwnDevice, ServiceInit } from "../context.ts";
import { createService, type ParleyService } from "../service.ts";
import { AllOf } from "./all-networks.ts";
import { OwnNetwork } from "./own-network.ts";
import { USUAL_NETWORK } from "./usual.ts";
import { NetworkEntries, type NetworkEntry, scopeOf } from "./record.ts";

/** What a node of one network is made of. */
export interface NetworkNode {
  /** Marks its records, its discovery and its peers. */
  readonly scope: string;
  /** Ports and addresses of a private network; an open one has those of the profile. */
  readonly entry: NetworkEntry | undefined;
  readonly privateNetwork: PrivateNetwork | undefined;
}

export interface NetworksInit extends Omit<
  ServiceInit,
  "networkName" | "privateNetwork" | "createTransport"
> {
  /** The network named by flag, environment or config file; it comes before the profile's current one. */
  readonly asked: string | undefined;
  /** Absent: the network stays off. */
  readonly createTransport?: (deviceSeed: Uint8Array, node: NetworkNode) => Promise<Transport>;
  readonly newPorts: () => { tcp: number; ws: number };
}

export class Networks {
  readonly entries: NetworkEntries;
  readonly init: NetworksInit;
  readonly #own = new Map<string, OwnNetwork>();
  readonly #services = new Map<string, Promise<ParleyService>>();
  readonly #online = new Map<string, Promise<void>>();
  /** Whether every network of the profile is to be open, as in a node. */
  isAllOpen = false;
  #device: OwnDevice;
  #closing: Promise<void> | undefined;

  constructor(init: NetworksInit) {
    this.init = init;
    this.entries = new NetworkEntries(init.store);
    this.#device = init.device;
  }

  /** Reads which networks the profile is in. Called once. */
  async open(): Promise<void> {
    for (const entry of await this.entries.list()) this.#take(entry);
  }

  /** The private networks of the profile, oldest first. */
  own(): OwnNetwork[] {
    return [...this.#own.values()];
  }

  /** Scope of a network by its name, or of the one that commands act in. @throws ParleyError `bad-network-name` */
  async scope(name = this.init.asked): Promise<string> {
    if (name === undefined) return (await this.entries.current()) ?? USUAL_NETWORK;
    const canonical = canonicalNetworkName(name);
    return this.byName(canonical)?.scope ?? canonical;
  }

  /** Of every network in which the profile is in a room. */
  async scopes(): Promise<Set<string>> {
    const rooms = await this.entries.read("room/");
    return new Set(rooms.flatMap(({ key }) => key.split("/")[1] ?? []));
  }

  byName(name: string): OwnNetwork | undefined {
    return this.own().find(({ entry }) => entry.name === name);
  }

  byScope(scope: string): OwnNetwork | undefined {
    return this.#own.get(scope);
  }

  /** The service of a network, made and, where there is a network at all, started when it is first asked for. */
  service(scope: string): Promise<ParleyService> {
    const known = this.#services.get(scope);
    if (known) return known;
    if (this.#closing) return Promise.reject(closedError());
    const opening = this.#make(scope);
    this.#services.set(scope, opening);
    opening.catch(() => this.#services.delete(scope));
    return opening;
  }

  isRunning(scope: string): boolean {
    return this.#services.has(scope);
  }

  /** Resolves when a network that was opened listens, or has failed to (a notice says so). */
  async online(scope: string): Promise<void> {
    await this.service(scope);
    await this.#online.get(scope);
  }

  /** Services that are open; those that could not be opened are passed over. */
  async running(): Promise<ParleyService[]> {
    const all = await Promise.allSettled(this.#services.values());
    return all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  /** Opens every private network of the profile. One that fails says so in a notice of its own service. */
  async openAll(): Promise<void> {
    this.isAllOpen = true;
    await Promise.allSettled([...this.#own.keys()].map((scope) => this.service(scope)));
  }

  /** Makes a network and its first secret. @throws ParleyError `network-exists`, `bad-swarm-key`, `too-many-networks` */
  async found(name: string, swarmKey: string | undefined): Promise<OwnNetwork> {
    const { crypto, random, device, clock } = this.init;
    const canonical = this.#free(name);
    const founder = device.certificate.root;
    const nonce = random.bytes(16);
    return this.add({
      name: canonical,
      id: privateNetworkId(crypto, founder, nonce),
      founder,
      nonce,
      outerKey: swarmKey === undefined ? random.bytes(32) : decodeSwarmKey(swarmKey),
      nextOuter: null,
      secrets: [{ generation: 1, secret: random.bytes(32), closesMs: null }],
      ports: this.init.newPorts(),
      bootstrap: [],
      joinedMs: clock.nowMs(),
    });
  }

  /** Keeps a network that this profile is in from now on; it becomes the current one. */
  async add(entry: NetworkEntry): Promise<OwnNetwork> {
    await this.entries.put(entry);
    await this.entries.setCurrent(scopeOf(entry.id));
    for (const service of await this.running()) service.networkEntered();
    return this.#take(entry);
  }

  /**
   * Takes a network that another device of this person is in. The current one stays.
   * @param peers records of those who were met there @returns undefined where it is known, was left here, or is one too many
   */
  async follow(entry: NetworkEntry, peers: readonly MetaChange[]): Promise<OwnNetwork | undefined> {
    const hasLeft = await this.entries.hasLeft(entry.id);
    const isFull = this.#own.size >= NETWORKS_MAX_COUNT;
    if (hasLeft || isFull || this.#closing || this.#own.has(scopeOf(entry.id))) return undefined;
    const { newPorts, clock } = this.init;
    // Where another network has its name here, a part of the id tells them apart.
    const name = this.byName(entry.name)
      ? `${Array.from(entry.name).slice(0, 8).join("")}-${toHex(entry.id).slice(0, 8)}`
      : entry.name;
    const network = this.#take({ ...entry, name, ports: newPorts(), joinedMs: clock.nowMs() });
    await this.entries.put(network.entry);
    await this.entries.write(peers);
    if (this.isAllOpen) await this.service(network.scope);
    return network;
  }

  /** Takes what a member is granted who was away while the outer key was changed; the network becomes the current one. */
  async comeBack(network: OwnNetwork, grant: Grant, bootstrap: readonly string[]): Promise<void> {
    const { outerKey, nextOuter, secrets } = grant;
    const nowMs = this.init.clock.nowMs();
    await network.update({ outerKey, nextOuter, bootstrap });
    await network.learn(secrets, null);
    await network.closeOthers(secrets, nowMs);
    await this.entries.setCurrent(network.scope);
    if (this.isRunning(network.scope)) await (await this.service(network.scope)).renewNetwork();
  }

  /** A name that no network of the profile has. @throws ParleyError `network-exists`, `too-many-networks` */
  #free(name: string): string {
    const canonical = canonicalNetworkName(name);
    this.checkFree(canonical);
    return canonical;
  }

  checkFree(canonical: string): void {
    if (this.byName(canonical))
      throw new ParleyError("network-exists", `You are in a network called ${canonical} already.`, {
        hint: "{parley net list|/net list} shows yours.",
      });
    if (this.#own.size >= NETWORKS_MAX_COUNT)
      throw new ParleyError(
        "too-many-networks",
        `A profile can be in ${NETWORKS_MAX_COUNT} private networks.`,
        { hint: "Leave one first: {parley net leave NAME}" },
      );
  }

  /** Ends a network's node and forgets its keys. */
  async remove(network: OwnNetwork): Promise<void> {
    const service = this.#services.get(network.scope);
    this.#services.delete(network.scope);
    this.#own.delete(network.scope);
    await (await service)?.close("the network was left");
    await this.entries.remove(network.id, this.init.clock.nowMs());
  }

  /** Constant id of a network by scope, in hex. */
  idOf(scope: string): string {
    const own = this.#own.get(scope);
    return toHex(own?.id ?? networkId(this.init.crypto, scope));
  }

  close(reason: string): Promise<void> {
    this.#closing ??= this.running().then(async (services) => {
      await Promise.all(services.map((service) => service.close(reason)));
    });
    return this.#closing;
  }

  #take(entry: NetworkEntry): OwnNetwork {
    const network = new OwnNetwork(this.entries, entry);
    this.#own.set(network.scope, network);
    return network;
  }

  async #make(scope: string): Promise<ParleyService> {
    const { asked: _asked, createTransport, newPorts: _ports, ...base } = this.init;
    const own = this.#own.get(scope);
    let device = this.#device;
    const service = await createService({
      ...base,
      device,
      networkName: own?.entry.name ?? scope,
      ...(own ? { privateNetwork: own } : {}),
      ...(createTransport
        ? {
            createTransport: (seed: Uint8Array, privateNetwork?: PrivateNetwork) =>
              createTransport(seed, { scope, entry: own?.entry, privateNetwork }),
          }
        : {}),
      retireDevice: async () => (device = await this.#retire(device, scope)),
      allNetworks: new AllOf(this),
    });
    if (createTransport) this.#online.set(scope, service.startNetwork());
    return service;
  }

  /** A new device key, or the one that another network's service has made meanwhile. */
  async #retire(old: OwnDevice, scope: string): Promise<OwnDevice> {
    if (old !== this.#device) return this.#device;
    this.#device = await this.init.retireDevice();
    for (const [other, service] of this.#services) {
      if (other !== scope) void service.then((it) => it.deviceRetired()).catch(() => undefined);
    }
    return this.#device;
  }
}

function closedError(): ParleyError {
  return new ParleyError("closed", "parley is closing.");
}
