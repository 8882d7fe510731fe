/** Who awaits each text has their next on its way before others are told of the last (src/app/rooms/outbox.ts). */
import { expect, test } from "vitest";
import { offlinePerson } from "../../../support/offline-person.ts";

test("whoever awaits a text is back before it is told of; a turn later, or when all ends, it is", async () => {
  const ana = await offlinePerson(1);
  const send = (text: string) => ana.service.send({ room: "lobby", text });
  const told = () =>
    ana.events.flatMap((event) => (event.type === "message" ? event.message.text : []));
  // With the first goes the name, on which the next depends.
  await send("one");
  expect(told()).toEqual(["one"]);
  await send("two");
  await send("three");
  expect(told()).toEqual(["one"]);
  await ana.time.pass(0);
  expect(told()).toEqual(["one", "two", "three"]);
  await send("four");
  await ana.service.close("test");
  expect(told()).toEqual(["one", "two", "three", "four"]);
});
