/** Where the store of a profile lies, and the moves between in clear and sealed that a change of passphrase asks for. */
import type { ConvertProgress } from "../storage/index.ts";
import type { Identity } from "./identity.ts";
import type { ProfilePaths } from "./paths.ts";

export interface StorePlace {
  readonly path: string;
  readonly key: Uint8Array | undefined;
}

/**
 * Brings the store to where the identity says it is to be, going on with a move that was cut short. The identity file is
 * written first each time, so it says at any moment which way the store goes (docs/spec/at-rest.md).
 * @throws ParleyError `store-locked`, `store-damaged`, `disk-full`
 */
export async function settleStore(
  identity: Identity,
  { store, sealedStore }: ProfilePaths,
  progress?: ConvertProgress,
): Promise<StorePlace> {
  const inClear: StorePlace = { path: store, key: undefined };
  if (identity.storeKey === undefined) return inClear;
  const { convertStore } = await import("../storage/index.ts");
  const sealed: StorePlace = { path: sealedStore, key: identity.storeKey };
  if (!identity.opening) {
    await convertStore(inClear, sealed, progress);
    return sealed;
  }
  await convertStore(sealed, inClear, progress);
  await identity.opened();
  return inClear;
}
