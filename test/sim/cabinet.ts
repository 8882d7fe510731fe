/** A private room over a virtual network in which people come, are thrown out, fall apart and meet again, with somebody who records what the others must not read. */
import { toHex } from "../../src/core/codec/bytes.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { People, type Someone } from "../support/people.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const ROOM = "cabinet";
const NAMES = ["bob", "eve", "kim"];
const STEPS = 30;

/** A text, and who was in the room as far as its author knew. */
interface Told {
  readonly text: string;
  readonly author: string;
  readonly to: ReadonlySet<string>;
}

/** Runs one seed. @throws Error naming what was broken */
export async function simulateCabinet(seed: number): Promise<void> {
  const cabinet = new Cabinet(seed);
  await cabinet.found();
  for (let step = 0; step < STEPS; step++) await cabinet.step();
  await cabinet.check();
}

class Cabinet {
  readonly #people: People;
  readonly #random: SeededRandom;
  readonly #told: Told[] = [];
  #all: Someone[] = [];
  #texts = 0;

  constructor(seed: number) {
    this.#people = new People(seed);
    this.#random = new SeededRandom(seed);
  }

  async found(): Promise<void> {
    const ana = await this.#people.add("ana");
    const room = { name: ROOM, private: true, history: "since-join" as const };
    await this.#people.during(ana.service.createRoom(room));
    this.#all = [ana];
    for (const name of NAMES) this.#all.push(await this.#people.add(name));
    this.#people.meet(...this.#all);
    for (const one of this.#all.slice(1)) await this.#invite(ana, one);
    await this.#people.until("everybody is in", async () => {
      const infos = await Promise.all(this.#all.map(({ service }) => service.rooms()));
      return infos.every(([info]) => (info?.rank ?? null) !== null);
    });
  }

  async #invite(host: Someone, guest: Someone): Promise<void> {
    const { ticket } = await this.#people.during(host.service.invite({ room: ROOM }), 1_000);
    await this.#people.during(guest.service.join({ room: ticket }), 1_000);
  }

  async step(): Promise<void> {
    const at = this.#random.below(this.#all.length);
    const one = this.#all[at] as Someone;
    const dice = this.#random.below(100);
    if (dice < 12) return this.#part();
    if (dice < 24) return this.#heal();
    if (dice < 30) {
      this.#all[at] = await this.#people.restart(one);
      return this.#heal();
    }
    try {
      if (dice < 65) await this.#say(one);
      else await this.#act(one);
    } catch (error) {
      // Refused by a rule, or not in the room at all.
      if (!isParleyError(error)) throw error;
    }
  }

  async #say({ service, author }: Someone): Promise<void> {
    const text = `text ${++this.#texts}`;
    const members = await service.members({ room: ROOM });
    const to = new Set(members.filter(({ rank }) => rank !== null).map((member) => member.author));
    await this.#people.during(service.send({ room: ROOM, text }), 2_000);
    this.#told.push({ text, author, to });
  }

  async #act(one: Someone): Promise<void> {
    const other = this.#all[this.#random.below(this.#all.length)] as Someone;
    const request = { room: ROOM, who: other.author };
    switch (this.#random.below(5)) {
      case 0:
        await this.#people.during(one.service.removeMember({ ...request, how: "kick" }), 2_000);
        return;
      case 1:
        await this.#people.during(one.service.removeMember({ ...request, how: "ban" }), 2_000);
        return;
      case 2:
        await this.#people.during(one.service.restoreMember({ ...request, how: "unban" }), 2_000);
        return;
      case 3:
        await this.#people.during(one.service.promote({ ...request, steps: 1 }), 2_000);
        return;
      default:
        await this.#invite(one, other);
    }
  }

  #part(): void {
    const groups: Someone[][] = [[], []];
    for (const one of this.#all) groups[this.#random.below(2)]?.push(one);
    this.#people.part(...groups);
  }

  async #heal(): Promise<void> {
    this.#people.heal(...this.#all);
    await this.#people.time.pass(this.#random.below(20_000));
  }

  async check(): Promise<void> {
    await this.#heal();
    const [ana] = this.#all as [Someone];
    const members = await this.#settled(ana);
    const read = new Map<string, Set<string>>();
    for (const { author, service } of this.#all) {
      const { messages } = await service.history({ room: ROOM, limit: 1_000 });
      read.set(author, new Set(messages.map(({ text }) => text)));
    }
    for (const { text, to, author } of this.#told) {
      for (const [reader, texts] of read)
        if (texts.has(text) && !to.has(reader))
          throw new Error(
            `${this.#nameOf(reader)} reads "${text}" of ${this.#nameOf(author)}, who did not say it to them`,
          );
      const readers = members.filter((member) => to.has(member));
      const shown = readers.filter((reader) => read.get(reader)?.has(text));
      if (shown.length > 0 && shown.length < readers.length)
        throw new Error(
          `"${text}" is shown to ${shown.map((it) => this.#nameOf(it)).join()} alone of ${readers.map((it) => this.#nameOf(it)).join()}`,
        );
    }
    for (const { service } of this.#all) await service.close("done");
  }

  /** Waits until those who are in the room by the owner's view hold the same, and something new reaches all of them; who they are. */
  async #settled(ana: Someone): Promise<string[]> {
    let members: string[] = [];
    let states: string[] = [];
    const inRoom = (): Someone[] => this.#all.filter(({ author }) => members.includes(author));
    const equal = async (): Promise<boolean> => {
      const of = await ana.service.members({ room: ROOM });
      members = of.filter(({ rank }) => rank !== null).map(({ author }) => author);
      const roomId = (await ana.service.roomDetails({ room: ROOM })).roomId;
      states = await Promise.all(
        inRoom().map(async ({ store }) => {
          const log = await store.room(Buffer.from(roomId, "hex"));
          return (await log.positions({ limit: Infinity })).map(({ id }) => toHex(id)).join();
        }),
      );
      return states.every((state) => state === states[0]);
    };
    await this.#people.until("those in the room hold the same", equal);
    await this.#people.during(ana.service.send({ room: ROOM, text: "the end" }));
    this.#told.push({ text: "the end", author: ana.author, to: new Set(members) });
    await this.#people.until("all of them read the last word", async () => {
      const seen = await Promise.all(
        inRoom().map(({ service }) => service.history({ room: ROOM, limit: 1_000 })),
      );
      return (
        (await equal()) &&
        seen.every(({ messages }) => messages.some(({ text }) => text === "the end"))
      );
    });
    return members;
  }

  #nameOf(author: string): string {
    return this.#all.find((one) => one.author === author)?.name ?? author;
  }
}
