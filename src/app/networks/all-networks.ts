/** What linking a device needs of all networks of a profile: every one lets it in, and is where this device can be found. */
import { toHex } from "../../core/codec/bytes.ts";
import type { Certificate } from "../../core/identity/types.ts";
import type { FollowingRecord } from "../../core/network/link.ts";
import type { AddressInfo } from "../api.ts";
import type { AllNetworks } from "../context.ts";
import { networksAmong, peerRecords } from "../devices/following.ts";
import type { Networks } from "./networks.ts";
import { encodeEntry, NETWORK_PREFIX, scopeOf } from "./record.ts";

export class AllOf implements AllNetworks {
  readonly #networks: Networks;

  constructor(networks: Networks) {
    this.#networks = networks;
  }

  async admit(certificate: Certificate): Promise<void> {
    for (const { scope } of this.#networks.own())
      await (await this.#networks.service(scope)).membership?.admitDevice(certificate);
  }

  async revoke(device: string, here: string): Promise<void> {
    for (const scope of await this.#networks.scopes())
      if (scope !== here) await (await this.#networks.service(scope)).revokeHere(device);
  }

  async revoked(here: string): Promise<void> {
    for (const service of await this.#networks.running())
      if (service.scope !== here) await service.revocationsChanged();
  }

  /** What the members of a network were not told is not shared either. */
  async share(certificate: Certificate): Promise<FollowingRecord[]> {
    if (!this.#networks.isAllOpen) return [];
    await this.admit(certificate);
    const own = this.#networks.own();
    const { clock } = this.#networks.init;
    const reached = (await this.addresses()).filter(({ scope }) =>
      own.some((network) => network.scope === scope),
    );
    return [
      ...own.map(({ id, entry }) => ({
        key: NETWORK_PREFIX + toHex(id),
        value: encodeEntry(entry),
      })),
      ...peerRecords(reached, clock.nowMs()),
    ];
  }

  async follow(records: readonly FollowingRecord[]): Promise<string[]> {
    const { entries, peers } = networksAmong(records);
    const names: string[] = [];
    for (const entry of entries) {
      const met = peers.filter(({ key }) => key.startsWith(`peer/${scopeOf(entry.id)}/`));
      const network = await this.#networks.follow(entry, met);
      if (network) names.push(network.entry.name);
    }
    return names;
  }

  async addresses(): Promise<{ scope: string; addresses: AddressInfo[] }[]> {
    const services = await this.#networks.running();
    return Promise.all(
      services.map(async (service) => ({
        scope: service.scope,
        addresses: await service.addresses(),
      })),
    );
  }
}
