/** Conversations that are open in a network, among the records of a profile. */
import { fromHex, toHex } from "../../core/codec/bytes.ts";
import type { MetaChange, Store } from "../../core/interfaces.ts";

export const DIRECT_PREFIX = "direct/";

/** Identities of the others. */
export async function directRecords(store: Store, scope: string): Promise<Uint8Array[]> {
  const prefix = `${DIRECT_PREFIX}${scope}/`;
  return (await store.listMeta(prefix)).map(({ key }) => fromHex(key.slice(prefix.length)));
}

export function directChange(scope: string, other: Uint8Array, open: boolean): MetaChange {
  const value = open ? new Uint8Array(0) : null;
  return { key: `${DIRECT_PREFIX}${scope}/${toHex(other)}`, value };
}
