/** What `parley config check` finds wrong beyond the form of the file: addresses that mean nothing, or lead nowhere. */
import { ParleyError } from "../core/codec/errors.ts";
import { type ConfigFile, networkName, readConfig } from "./config.ts";

/** @throws ParleyError `bad-config`, `bad-address`, `bad-network-name` */
export async function checkConfig(path: string): Promise<ConfigFile> {
  const config = await readConfig(path);
  networkName(undefined, {}, config);
  const { parseAddress } = await import("../network/addresses.ts");
  for (const key of ["listen", "announce", "bootstrap"] as const) {
    for (const address of config[key] ?? []) {
      try {
        parseAddress(address);
      } catch (cause) {
        throw new ParleyError("bad-config", `In "${key}", ${address} is not an address.`, {
          hint: "One looks like /ip4/0.0.0.0/tcp/41733 or /dns4/chat.example.org/tcp/41733.",
          cause,
        });
      }
      if (key === "announce" && /^\/ip[46]\/(0\.0\.0\.0|::)\//.test(address)) {
        throw new ParleyError("bad-config", `Nobody can dial ${address}, which "announce" names.`, {
          hint: "Name the address by which others reach this machine.",
        });
      }
    }
  }
  return config;
}
