/** What linking a device needs of all networks of a profile: every one lets it in, and is where this device can be found. */
import type { Certificate } from "../../core/identity/types.ts";
import type { AddressInfo } from "../api.ts";
import type { AllNetworks } from "../context.ts";
import type { Networks } from "./networks.ts";

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
