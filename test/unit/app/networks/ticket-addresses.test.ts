import { describe, expect, it } from "vitest";
import { chooseAddresses } from "../../../../src/app/networks/ticket-addresses.ts";
import { reachOf } from "../../../../src/app/online/address-reach.ts";

const internet = "/ip4/203.0.113.5/tcp/1/p2p/a";
const lan = "/ip4/192.168.1.7/tcp/1/p2p/a";
const machine = "/ip4/127.0.0.1/tcp/1/p2p/a";

const chosen = (addresses: string[], withLan = false): string[] =>
  chooseAddresses(reachOf(addresses), withLan).map(({ address }) => address);

describe("addresses in a ticket", () => {
  it("TICKET-8 are public ones, private ones on request or where there is nothing else", () => {
    expect(chosen([lan, internet, machine])).toEqual([internet]);
    expect(chosen([lan, internet, machine], true)).toEqual([internet, lan]);
    expect(chosen([machine, lan])).toEqual([lan]);
    expect(chosen([machine])).toEqual([machine]);
    expect(chosen([])).toEqual([]);
  });

  it("are at most four, and none that is too long", () => {
    expect(chosen([1, 2, 3, 4, 5].map((port) => `/ip4/203.0.113.5/tcp/${port}`))).toHaveLength(4);
    expect(chosen([`/dns4/${"a".repeat(256)}/tcp/1`, internet])).toEqual([internet]);
  });
});
