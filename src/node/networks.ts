/** The networks of a profile in this process, and ParleyApi for a session in one of them. */
import type { ParleyApi, RoomsApi } from "../app/api.ts";
import { NetworkCommands } from "../app/networks/commands.ts";
import { Joining, type JoinPort } from "../app/networks/joining.ts";
import { JoinRequests } from "../app/networks/join-requests.ts";
import { Networks, type NetworksInit } from "../app/networks/networks.ts";
import { apiOver } from "./api-over.ts";
import { networkMethods } from "./network-methods.ts";

/** What changes for the person in every network, whichever it was said in. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  "setName",
  "ignore",
  "setPetname",
  "block",
  "setVerified",
]);

export class HostedNetworks {
  readonly #networks: Networks;
  readonly #requests: JoinRequests;

  private constructor(networks: Networks, join: JoinPort) {
    this.#networks = networks;
    this.#requests = new JoinRequests(networks, new Joining(networks, join), async (notice) => {
      for (const service of await networks.running()) service.say(notice);
    });
  }

  /** Reads which networks there are, and opens the one that was asked for. */
  static async open(init: NetworksInit, join: JoinPort): Promise<HostedNetworks> {
    const networks = new Networks(init);
    await networks.open();
    return new HostedNetworks(networks, join);
  }

  /** Everything a session may ask that is in a network: the named one, or the one that commands act in. */
  async api(name?: string): Promise<ParleyApi> {
    const scope = await this.#networks.scope(name);
    const service = await this.#networks.service(scope);
    const commands = new NetworkCommands(this.#networks, scope, this.#requests);
    const call = async (method: string, params: unknown): Promise<unknown> => {
      const target = Object.hasOwn(networkMethods, method) ? commands : service;
      const work = target[method as keyof typeof target] as (params: unknown) => Promise<unknown>;
      const answer = await work.call(target, params);
      if (EVERYWHERE.has(method)) {
        const others = (await this.#networks.running()).filter((other) => other !== service);
        await Promise.all(others.map((other) => other.reload()));
      }
      return answer;
    };
    return apiOver(call, (listener) => (service as RoomsApi).subscribe(listener));
  }

  /** Resolves when the network that was asked for listens, or has failed to. @param all open every other one too */
  async online(all: boolean): Promise<void> {
    await this.#networks.online(await this.#networks.scope());
    if (!all) return;
    await this.#networks.openAll();
    this.#requests.start();
  }

  close(reason: string): Promise<void> {
    this.#requests.close();
    return this.#networks.close(reason);
  }
}
