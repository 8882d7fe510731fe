/**
 * Schema 1 → 2: saved peers and unsent texts belong to a network. Before, a profile did not say of which; peers are now told to
 * every network that has rooms, where a dial finds out, and a text goes where its room was joined.
 */
import { fromUtf8 } from "../core/codec/bytes.ts";
import { decodeCbor } from "../core/codec/cbor.ts";
import { metaKey } from "./keys.ts";
import type { Kv, KvPut } from "./kv.ts";

/** The network of whoever has named no other. */
const USUAL = "parley";

export async function scopeRecords(kv: Kv): Promise<KvPut[]> {
  const joined = (await under(kv, "room/")).map(({ rest }) => {
    const [network = USUAL, room = ""] = rest.split("/");
    return { network, room };
  });
  const networks = new Set(joined.map(({ network }) => network));
  if (networks.size === 0) networks.add(USUAL);
  const puts: KvPut[] = [];
  for (const { key, rest, value } of await under(kv, "peer/")) {
    puts.push({ key, value: null });
    for (const network of networks) puts.push({ key: metaKey(`peer/${network}/${rest}`), value });
  }
  for (const { key, rest, value } of await under(kv, "draft/")) {
    const [room] = decodeCbor(value) as [string];
    const network = joined.find((it) => it.room === room)?.network ?? USUAL;
    puts.push({ key, value: null }, { key: metaKey(`draft/${network}/${rest}`), value });
  }
  return puts;
}

async function under(
  kv: Kv,
  prefix: string,
): Promise<{ key: Uint8Array; rest: string; value: Uint8Array }[]> {
  const gte = metaKey(prefix);
  const lt = gte.slice();
  lt[lt.length - 1] = (lt.at(-1) as number) + 1;
  const head = gte.length;
  return (await kv.entries({ gte, lt })).map(([key, value]) => ({
    key,
    rest: fromUtf8(key.subarray(head)),
    value,
  }));
}
