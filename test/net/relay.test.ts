/** Two people behind routers that nobody can dial, and a relay between them. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canMakeLab, Lab } from "../support/lab.ts";
import { until } from "../support/parley.ts";
import { needs } from "../support/skips.ts";

const able = canMakeLab();
let lab: Lab;

beforeEach(async (context) => {
  needs(context, able, "namespaces");
  lab = await Lab.make();
});
afterEach(() => lab?.end());

describe("behind two routers", () => {
  it("REACH-1 REACH-3 a message goes through a relay that both were told of", async () => {
    lab.host("relay", 2);
    lab.router("natA", 10);
    lab.router("natB", 20);
    lab.behind("ana", "natA", "192.168.10.5", "192.168.10.1");
    lab.behind("bob", "natB", "192.168.20.5", "192.168.20.1");
    for (const who of ["relay", "ana", "bob"]) await lab.person(who);
    const relay = await lab.node("relay", "--relay", "--listen", "/ip4/0.0.0.0/tcp/4001");
    const [address] = relay.ready["addresses"] as string[];
    expect(address).toMatch(/^\/ip4\/5\.5\.0\.2\/tcp\/4001\//);
    await lab.node("ana", "--bootstrap", address as string);
    const bob = await lab.node("bob", "--bootstrap", address as string);
    await until("ana meets bob", async () =>
      (await lab.ok("ana", "peers")).some(({ peerId }) => peerId === bob.ready["peerId"]),
    );
    const [best] = await lab.ok("ana", "address");
    expect(best).toMatchObject({ reach: "internet" });
    expect(best?.["address"]).toContain("/p2p-circuit/");
    await lab.ok("ana", "send", "lobby", "--wait", "20", "through the relay");
    await until("it has come", async () => (await lab.texts("bob")).includes("through the relay"));
  });
});
