/** Two people behind routers that nobody can dial, and a relay between them. */
import { describe, expect, it } from "vitest";
import { labForEach } from "../support/lab-for-each.ts";
import { everythingIn, foundIn } from "../support/disk.ts";
import { type RunningProcess, stopped, until } from "../support/parley.ts";

const lab = labForEach();

interface Meeting {
  readonly how: () => Promise<string>;
  /** What both have logged. */
  readonly logs: () => string;
  readonly relay: () => RunningProcess;
  readonly restartRelay: (back: () => Promise<boolean>) => Promise<number>;
}

/** ana and bob behind a router each, and a relay on the internet that both are told of. */
async function meet(routers: { symmetric: boolean }): Promise<Meeting> {
  lab().host("relay", 2);
  lab().twoHomes(routers);
  return connected();
}

/** The three of them, where they are. */
async function connected(): Promise<Meeting> {
  for (const who of ["relay", "ana", "bob"]) await lab().person(who);
  const relayArgs = ["--relay", "--listen", "/ip4/0.0.0.0/tcp/4001"];
  let relay = await lab().node("relay", ...relayArgs);
  const [address] = relay.ready["addresses"] as string[];
  expect(address).toMatch(/^\/ip4\/5\.5\.0\.2\/tcp\/4001\//);
  const ana = await lab().node("ana", "--bootstrap", address as string);
  const bob = await lab().node("bob", "--bootstrap", address as string);
  const logs = (): string => ana.stderr() + bob.stderr();
  const how = async (): Promise<string> => {
    const peers = await lab().ok("ana", "peers");
    return String(peers.find(({ peerId }) => peerId === bob.ready["peerId"])?.["how"]);
  };
  /** Kills the relay and starts it again. @returns how long it took from then until `back` */
  const restartRelay = async (back: () => Promise<boolean>): Promise<number> => {
    relay.child.kill("SIGKILL");
    await relay.ended;
    await until("ana has noticed", async () => (await how()) !== "relayed");
    relay = await lab().node("relay", ...relayArgs);
    const readyMs = performance.now();
    await until("they are back", back);
    return performance.now() - readyMs;
  };
  return { how, logs, relay: () => relay, restartRelay };
}

async function say(text: string): Promise<void> {
  await lab().ok("ana", "send", "lobby", "--wait", "20", text);
  await until("it has come", async () => (await lab().texts("bob")).includes(text));
}

/** Something said in a private room that two are in by a ticket; and what the relay has on its disk and has logged after it. */
async function whisper(relay: RunningProcess): Promise<{ roomId: string; disk: Buffer }> {
  const topic = ["--private", "--topic", "xylophones"];
  const [made] = await lab().ok("ana", "room", "create", "cabinet", ...topic);
  const [invited] = await lab().ok("ana", "room", "invite", "cabinet");
  await lab().ok("bob", "join", String(invited?.["ticket"]));
  await lab().ok("ana", "send", "cabinet", "the marmalade");
  await until("bob reads", async () => {
    const read = await lab().ok("bob", "history", "cabinet");
    return read.some(({ text }) => text === "the marmalade");
  });
  await stopped(relay);
  const disk = await everythingIn(lab().home("relay"));
  return {
    roomId: String(made?.["roomId"]),
    disk: Buffer.concat([disk, Buffer.from(relay.stderr())]),
  };
}

describe("behind two routers", () => {
  it("REACH-4 REACH-5 they meet through a relay, then find a direct way through the routers", async () => {
    const { how } = await meet({ symmetric: false });
    await until("ana meets bob", async () => /relayed|direct/.test(await how()));
    const [best] = await lab().ok("ana", "address");
    expect(best).toMatchObject({ reach: "internet" });
    expect(best?.["address"]).toContain("/p2p-circuit/");
    await say("hello");
    await until("the way is direct", async () => (await how()) === "direct");
    await say("through the routers");
    // The relay is not needed any more.
    lab().cable("relay", "down");
    await say("without a relay");
  });

  it("says of a way by WebRTC that it stays on the LAN, where no other way is open between two", async () => {
    lab().host("relay", 2);
    lab().router("natA", 10);
    lab().behind("ana", "natA", "192.168.10.5", "192.168.10.1");
    lab().behind("bob", "natA", "192.168.10.6", "192.168.10.1");
    for (const who of ["ana", "bob"]) {
      // As the firewalls of two laptops may be: nothing new comes in but what UDP was sent out for.
      lab().tool(who, "nft", "add table ip wall");
      lab().tool(
        who,
        "nft",
        "add chain ip wall in { type filter hook input priority 0; policy accept; }",
      );
      lab().tool(
        who,
        "nft",
        "add rule ip wall in iifname eth0 tcp flags & (syn | ack) == syn drop",
      );
      lab().tool(who, "nft", "add rule ip wall in iifname eth0 udp dport 5353 drop");
    }
    const { how } = await connected();
    await until("ana meets bob", async () => /relayed|lan/.test(await how()));
    await until("the way is short", async () => (await how()) === "lan");
    const { stdout } = await lab().run("ana", ["peers"], undefined, false);
    expect(stdout).toMatch(/ LAN /);
    lab().cable("relay", "down");
    await say("without a relay");
  });

  it("REACH-8 tells an address of the internet at once where it serves others, else once a peer has dialled it", async () => {
    lab().host("plain", 3);
    lab().host("serving", 4);
    for (const who of ["plain", "serving"]) await lab().person(who);
    const listen = ["--listen", "/ip4/0.0.0.0/tcp/4001"];
    const serving = await lab().node("serving", ...listen, "--bootstrap-node");
    const [address = ""] = serving.ready["addresses"] as string[];
    expect(address).toContain("/ip4/5.5.0.4/");
    const plain = await lab().node("plain", ...listen, "--bootstrap", address);
    expect(String(plain.ready["addresses"])).not.toContain("/ip4/5.5.0.3/");
    await until("it tells it", async () =>
      JSON.stringify(await lab().ok("plain", "address")).includes("/ip4/5.5.0.3/tcp/4001"),
    );
  });

  it("REACH-1 SEALED-15 a relay that is killed is found again once it is back; of a private room that it carries it keeps nothing", async () => {
    const { how, relay, restartRelay } = await meet({ symmetric: true });
    await until("ana meets bob", async () => (await how()) === "relayed");
    const tookMs = await restartRelay(async () => (await how()) === "relayed");
    console.log(`back after a relay's restart: ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(10_000);
    await say("through the new one");
    await lab().ok("bob", "send", "lobby", "--wait", "20", "and back");
    const { roomId, disk } = await whisper(relay());
    const said = ["the marmalade", "cabinet", "xylophones", roomId];
    expect(foundIn(disk, [...said, "relay"])).toEqual(["relay"]);

    // It has ended. Doctor names it once it was dialled in vain.
    const verdicts = async (): Promise<Map<unknown, string>> => {
      const { lines } = await lab().run("ana", ["doctor", "--room", "lobby"]);
      return new Map(lines.map(({ name, ok, text }) => [name, `${String(ok)}: ${String(text)}`]));
    };
    let now = await verdicts();
    await until("doctor names the relay", async () => {
      now = await verdicts();
      return now.get("no answer")?.includes("/ip4/5.5.0.2/tcp/4001/");
    });
    expect(now.get("reach")).toMatch(/^null: .*no relay keeps a place for it/);
    expect(now.get("#lobby")).toMatch(/^false: no member of this room can be dialled: 1 known/);
  });

  it("REACH-1 REACH-3 REACH-4 where routers give each connection a port of its own they stay on the relay", async () => {
    const { how, logs } = await meet({ symmetric: true });
    await until("ana meets bob", async () => (await how()) === "relayed");
    await say("hello");
    // Whichever of them dialled the other through the relay tries, once both have loaded what it takes.
    await until("an attempt has ended in time", async () =>
      /"no direct way","error":"TimeoutError/.test(logs()),
    );
    expect(logs()).not.toContain('"a direct way"');
    expect(await how()).toBe("relayed");
    await say("through the relay");
  });
});
