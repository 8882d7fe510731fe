/** The doors of a real node of a private network, counted by somebody who has the outer key and nothing else. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { decodeTicket } from "../../src/core/network/ticket.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { OPEN_PROTOCOLS } from "../support/bare-members.ts";
import { doorsOf } from "../support/doors.ts";
import { line, World } from "../support/parley.ts";

const LINK = "/parley/link/1";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.end());

it("PRIVATE-6 DEVICE-10 a node has four doors, a fifth while a ticket of its own to link a device is out, and four again", async () => {
  await world.ok("ana", "init", "--name", "ana");
  await world.ok("ana", "net", "create", "maple");
  const node = await world.node("ana", "--network", "maple");
  const [made] = await world.ok("ana", "--network", "maple", "net", "ticket");
  const { outerKey } = decodeTicket(nodeCrypto, String(made?.["ticket"]));
  const [address] = node.ready["addresses"] as string[];
  const doors = () => doorsOf(address as string, outerKey, [LINK]);

  const before = await doors();
  expect(before.answered).toEqual(OPEN_PROTOCOLS);
  expect(before.named).not.toContain(LINK);
  expect(before.named.length).toBeGreaterThan(10);

  const linking = world.start("ana", ["--network", "maple", "device", "link"]);
  const { ticket } = (await line(linking, ({ type }) => type === "device-ticket")) as {
    ticket: string;
  };
  const meanwhile = await doors();
  expect(meanwhile.answered).toEqual([...OPEN_PROTOCOLS, LINK].sort());
  expect(meanwhile.named).toContain(LINK);

  await world.ok("laptop", "init", "--link", ticket);
  expect(await linking.ended).toBe(0);
  const after = await doors();
  expect(after.answered).toEqual(OPEN_PROTOCOLS);
  expect(after.named).toEqual(before.named);

  // The device that comes too late finds no door, and is told so.
  const late = await world.run("phone", ["init", "--link", ticket]);
  expect(late.code).toBe(1);
  expect(late.stderr).toContain('"code":"link-closed"');
});
