import { describe, expect, it } from "vitest";
import { chooseAddresses, nearAddresses } from "../../../../src/app/networks/ticket-addresses.ts";
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

  it("of a ticket that links a device lead to it directly, and through one relay where it carries for whoever comes", () => {
    const ways = [1, 2].map((port) => `/ip4/203.0.113.9/tcp/${port}/p2p/r/p2p-circuit/p2p/a`);
    const near = (addresses: string[], relayed: boolean): string[] =>
      nearAddresses(reachOf(addresses), relayed).map(({ address }) => address);
    expect(near([machine, ...ways, lan, internet], true)).toEqual([lan, internet, ways[0]]);
    expect(near([machine, ...ways, lan], false)).toEqual([lan]);
    expect(near([machine, ...ways], true)).toEqual([machine, ways[0]]);
    expect(near(ways, true)).toEqual([ways[0]]);
    expect(near(ways, false)).toEqual([]);
    const many = [1, 2, 3].flatMap((port) => [
      `/ip4/192.168.1.7/tcp/${port}`,
      `/ip4/203.0.113.5/tcp/${port}`,
    ]);
    expect(near([...many, ...ways], true)).toHaveLength(4);
    expect(near([...many, ...ways], true).at(-1)).toBe(ways[0]);
  });
});
