/** Two people, each with a node, talk through the command line alone. */
import { expect, test } from "vitest";
import { inWorld } from "../support/world.ts";

test("two nodes find each other, talk, and say where a message stands", async () => {
  await inWorld(async (world) => {
    const [ana, bob] = [await world.person("ana"), await world.person("bob")];
    for (const who of ["ana", "bob"]) await world.lines(who, ["join", "lobby"]);
    const node = await world.node("ana");
    await world.node("bob");
    const tail = world.start("bob", ["--json", "tail", "lobby", "-f"]);

    const [sent] = await world.lines("ana", ["send", "--wait", "60", "lobby", "hello", "bob"]);
    expect(sent).toMatchObject({ v: 1, type: "sent", room: "#lobby", state: "held", heldBy: 1 });
    expect(sent?.["id"]).toMatch(/^[0-9a-f]{64}$/);
    expect(sent?.["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

    const heard = await tail.line((line) => line["text"] === "hello bob");
    expect(heard).toMatchObject({
      v: 1,
      type: "message",
      id: sent?.["id"],
      room: "#lobby",
      author: ana["author"],
      device: ana["device"],
      name: "ana",
      fingerprint: ana["fingerprint"],
      time: sent?.["time"],
    });

    const [stored] = await world.lines("bob", ["history", "lobby", "--from", "ana"]);
    expect(stored).toMatchObject({ id: sent?.["id"], text: "hello bob" });
    const members = await world.lines("ana", ["members", "lobby"]);
    expect(members).toContainEqual(
      expect.objectContaining({ type: "member", author: bob["author"], here: true }),
    );
    await world.lines("bob", ["send", "--wait", "60", "lobby", "hello ana"]);
    const [peer] = await world.lines("ana", ["peers"]);
    expect(peer).toMatchObject({
      type: "peer",
      peerId: bob["peerId"],
      name: "bob",
      how: "machine",
    });
    const [status] = await world.lines("ana", ["status"]);
    expect(status).toMatchObject({
      type: "status",
      peerId: ana["peerId"],
      peers: [{ peerId: bob["peerId"], name: "bob", how: "machine" }],
      rooms: [{ room: "#lobby", members: 2, pending: 0 }],
    });

    expect((await node.kill("SIGTERM")).code).toBe(0);
  });
});

test("what is sent while the other is away arrives when they come back", async () => {
  await inWorld(async (world) => {
    await world.person("ana");
    await world.person("bob");
    for (const who of ["ana", "bob"]) await world.lines(who, ["join", "lobby"]);
    const bob = await world.node("bob");
    await bob.kill("SIGTERM");
    await world.node("ana");
    const input = Array.from({ length: 50 }, (_, i) => `message ${i}`).join("\n");
    const sent = await world.lines("ana", ["send", "lobby", "-"], { input });
    expect(sent).toHaveLength(50);
    const tail = world.start("bob", ["--json", "tail", "lobby", "-f"]);
    await tail.line((line) => line["text"] === "message 49");
    const texts = (await world.lines("bob", ["history", "lobby"])).map((line) => line["text"]);
    expect(texts).toEqual(input.split("\n"));
  });
});
