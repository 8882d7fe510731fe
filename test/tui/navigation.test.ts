/** Going between rooms and within a long history by keys, as a person presses them. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { until, World } from "../support/parley.ts";
import { TestTerminal } from "../support/terminal.ts";

const LIMIT = { timeout: 120_000 };
const ESC = "\u001b";
const HOME = `${ESC}[1;3H`;
const PAGE_DOWN = `${ESC}[6~`;

let world: World;
let terminal: TestTerminal;
beforeEach(async () => {
  world = await World.make();
  await world.person("ana");
  await world.person("bob");
});
afterEach(() => world.end());

/** ana's client with two rooms, and bob there too. */
async function open(): Promise<void> {
  await world.ok("bob", "join", "garden");
  terminal = new TestTerminal(world, "ana", 80, 20);
  await terminal.shows("#lobby ·");
  await world.node("bob");
  terminal.type("/join garden\r");
  await terminal.shows("#garden ·");
  await terminal.shows("1 here");
}

async function say(room: string, ...lines: string[]): Promise<void> {
  await world.run("bob", ["send", room, "-"], lines.join("\n"));
}

async function leave(): Promise<void> {
  terminal.type("\u0003\u0003");
  expect(await terminal.exit).toBe(0);
}

it(
  "rooms by number, by the arrows and back to the last one, with Alt or with Esc before",
  LIMIT,
  async () => {
    await open();
    terminal.type(`${ESC}1`);
    await terminal.shows("#lobby ·");
    terminal.type(`${ESC}/`);
    await terminal.shows("#garden ·");
    terminal.type(`${ESC}[1;3D`);
    await terminal.shows("#lobby ·");
    // At the pace of a person the terminal hands over Esc alone, and then the key.
    terminal.type(ESC);
    await new Promise((resolve) => setTimeout(resolve, 300));
    terminal.type("2");
    await terminal.shows("#garden ·");
    terminal.type(`2 is no room\r`);
    await terminal.shows(/ana › 2 is no room/);
    await leave();
  },
);

it(
  "coming back, what has come meanwhile is marked, gone to by Alt+U, and read",
  LIMIT,
  async () => {
    await open();
    await say("lobby", ...Array.from({ length: 300 }, (_, i) => `news ${i}.`));
    await terminal.shows(/\+?#lobby\s+300/);
    terminal.type(`${ESC}1`);
    await terminal.shows("news 299.");
    await until(
      "the list says nothing of news any more",
      () => !/#lobby\s+300/.test(terminal.text),
      () => terminal.text,
    );
    terminal.type(`${ESC}u`);
    await terminal.shows("news 0.");
    await terminal.shows(/─ (new|unread)|unread/);
    await leave();
  },
);

it("mentions one after the other, up and down", LIMIT, async () => {
  await open();
  const filler = (name: string) => Array.from({ length: 30 }, (_, i) => `${name} ${i}.`);
  await say("garden", "ana: first", ...filler("one"), "ana: second", ...filler("two"));
  await terminal.shows("two 29.");
  terminal.type(`${ESC}p`);
  await terminal.shows("ana: second");
  terminal.type(`${ESC}p`);
  await terminal.shows("ana: first");
  terminal.type(`${ESC}p`);
  await terminal.shows("↓ 1 new");
  terminal.type(`${ESC}n`);
  await terminal.shows("ana: second");
  await leave();
});

it(
  "to the beginning of a long history, and down again without missing a message",
  LIMIT,
  async () => {
    await open();
    await say("garden", ...Array.from({ length: 1_000 }, (_, i) => `text ${i}.`));
    await terminal.shows("text 999.");
    terminal.type(HOME);
    await terminal.shows("text 0.");
    const shown = (): number[] =>
      [...terminal.text.matchAll(/text (\d+)\./g)].map(([, number]) => Number(number));
    const isWhole = (numbers: readonly number[]): boolean =>
      numbers.length > 10 && numbers.every((number, i) => number === (numbers[0] ?? 0) + i);
    await until("the first screen", () => isWhole(shown()) && shown()[0] === 0);
    for (let bottom = shown().at(-1) ?? 0; bottom < 600;) {
      terminal.type(PAGE_DOWN);
      await until(
        "the next screen, nothing left out",
        () => isWhole(shown()) && (shown().at(-1) ?? 0) > bottom && (shown()[0] ?? 0) <= bottom + 1,
        () => terminal.text,
      );
      bottom = shown().at(-1) ?? 0;
    }
    await leave();
  },
);
