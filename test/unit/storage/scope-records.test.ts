import { expect, it } from "vitest";
import { encodeCbor } from "../../../src/core/codec/cbor.ts";
import { metaKey, SCHEMA_KEY } from "../../../src/storage/keys.ts";
import { openSchema, SCHEMA_VERSION, schemaRecord } from "../../../src/storage/migrations.ts";
import { MemoryDisk, MemoryKv } from "../../support/memory-kv.ts";

it("STORE-8 schema 1 to 2: saved peers and unsent texts come to belong to a network", async () => {
  const kv = new MemoryKv(new MemoryDisk());
  const nothing = new Uint8Array(0);
  const draft = (room: string) => encodeCbor([room, 2, "hello", 5]);
  const records: [string, Uint8Array][] = [
    ["room/maple/#lobby", nothing],
    ["room/oak/#garden", nothing],
    ["peer//ip4/192.168.1.7/tcp/1/p2p/a", encodeCbor(7)],
    ["draft/000000000001", draft("#garden")],
    ["draft/000000000002", draft("#nowhere")],
    ["name", nothing],
  ];
  const puts = records.map(([key, value]) => ({ key: metaKey(key), value }));
  await kv.write([{ key: SCHEMA_KEY, value: schemaRecord(1, "ready") }, ...puts], true);
  await openSchema(kv);
  expect(kv.get(SCHEMA_KEY)).toEqual(schemaRecord(SCHEMA_VERSION, "ready"));
  for (const network of ["maple", "oak"])
    expect(kv.get(metaKey(`peer/${network}//ip4/192.168.1.7/tcp/1/p2p/a`))).toEqual(encodeCbor(7));
  expect(kv.get(metaKey("draft/oak/000000000001"))).toEqual(draft("#garden"));
  expect(kv.get(metaKey("draft/parley/000000000002"))).toEqual(draft("#nowhere"));
  for (const gone of ["peer//ip4/192.168.1.7/tcp/1/p2p/a", "draft/000000000001"])
    expect(kv.get(metaKey(gone))).toBeUndefined();
});
