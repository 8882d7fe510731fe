/** What is left to do in private networks once a device was revoked. */
import type { NetworkInfo } from "../networks/api.ts";

/** Undefined where the profile is in none. */
export function afterRevoking(networks: readonly NetworkInfo[]): string | undefined {
  const names = networks.flatMap(({ kind, asking, name }) =>
    kind === "private" && asking !== true ? [name] : [],
  );
  if (names.length === 0) return undefined;
  return `It has the secret of ${names.join(", ")}: an owner or an admin renews it there by {parley net rotate}, and the new one is not for that device.`;
}
