import { expect, it } from "vitest";
import { People } from "../../../support/people.ts";
import { Replica } from "../../../support/replica.ts";
import { VirtualNetwork } from "../../../support/virtual-network.ts";

it("a device that signs two histories is told of once, and both are kept", async () => {
  const people = new People();
  const ana = await people.add("ana");
  await ana.service.join({ room: "lobby" });
  const mal = await Replica.start(people.network, { number: 5 });
  // The same keys elsewhere: what they sign there has the same places in the chain.
  const elsewhere = new VirtualNetwork(people.time, 9);
  const copy = await Replica.start(elsewhere, { number: 5 });
  await mal.write(["one", "two", "three"], { quiet: true });
  const other = await copy.write(["1", "2", "3"], { quiet: true });
  await mal.log.append(other.map((event) => ({ event, proof: "verified", counts: true })));
  people.network.dial(ana.transport(), mal.transport);
  const shown = async (): Promise<string[]> =>
    (await ana.service.history({ room: "lobby" })).messages.map(({ text }) => text).sort();
  await people.until("all have come", async () => (await shown()).length === 6);
  expect(await shown()).toEqual(["1", "2", "3", "one", "three", "two"]);
  const told = ana.events.filter(
    (event) => event.type === "notice" && event.notice.code === "equivocation",
  );
  expect(told).toHaveLength(1);
  const members = await ana.service.members({ room: "lobby" });
  expect(members.filter(({ equivocated }) => equivocated)).toHaveLength(1);
  await copy.stop();
  await mal.stop();
  await ana.service.close("done");
});
