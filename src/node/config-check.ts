/** What `parley config check` finds wrong beyond the form of the file: addresses that mean nothing, or lead nowhere. */
import { access } from "node:fs/promises";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import type { AddressLists } from "../network/check-addresses.ts";
import { type ConfigFile, networkName, readConfig } from "./config.ts";

/**
 * @param named by the person: then the file has to be there; the one that is read unasked may be missing
 * @throws ParleyError `bad-config`, `bad-network-name`
 */
export async function checkConfig(path: string, { named = false } = {}): Promise<ConfigFile> {
  if (named)
    await access(path).catch((cause: unknown) => {
      throw new ParleyError("bad-config", `There is no file ${path} that can be read.`, { cause });
    });
  const config = await readConfig(path);
  networkName(undefined, {}, config);
  const { checkAddresses } = await import("../network/check-addresses.ts");
  const { listen, announce, bootstrap } = config;
  try {
    checkAddresses({ listen, announce, bootstrap });
  } catch (error) {
    if (!isParleyError(error, "bad-address")) throw error;
    const { message, hint } = error;
    throw new ParleyError("bad-config", message, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
  return config;
}

/** Looks at the addresses from flags and config file before a node begins. @throws ParleyError `bad-address` */
export async function checkGiven(...lists: readonly AddressLists[]): Promise<void> {
  const given = lists.map(({ listen, announce, bootstrap }) => ({ listen, announce, bootstrap }));
  if (!given.some((one) => Object.values(one).some((list) => list && list.length > 0))) return;
  const { checkAddresses } = await import("../network/check-addresses.ts");
  given.forEach(checkAddresses);
}
