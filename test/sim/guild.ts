/**
 * People of one owned room, some with ranks, over a network that falls apart and comes together; one keeps writing past every
 * rule. What happens follows from the seed alone.
 */
import { fromHex, toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { isParleyError } from "../../src/core/codec/errors.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import { encodeText } from "../../src/core/log/content.ts";
import { nextMoment } from "../../src/core/log/clock.ts";
import { createEvent } from "../../src/core/log/event.ts";
import { KIND_TEXT, type LogEvent } from "../../src/core/log/types.ts";
import { type Control, encodeControl, kindOf, readControl } from "../../src/core/room/control.ts";
import { networkId, roomKeys } from "../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { People, type Someone, viewOf } from "../support/people.ts";
import { Replica } from "../support/replica.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const ROOM = "guild";
const NAMES = ["bob", "eve", "zoe"];
const STEPS = 24;
/** How long healed nodes may take to become equal: two periods of the slowest schedule. */
const HEAL_MAX_MS = 1_500_000;
const LAWLESS = "lawless";
/** What a stranger says under ranks they do not have, and under none. */
const VOID: readonly ((subject: Uint8Array) => Control)[] = [
  (subject) => ({ type: "grant", as: 4, subject, rank: 3 }),
  (subject) => ({ type: "ban", as: 3, subject, cuts: [] }),
  () => ({ type: "topic", as: 2, text: LAWLESS }),
  () => ({ type: "checkpoint", as: 4 }),
  () => ({ type: "leave", as: 0 }),
  () => ({ type: "merge", as: 0 }),
];

/** Runs one seed. @throws Error naming what was broken */
export async function simulateGuild(seed: number): Promise<void> {
  const guild = new Guild(seed);
  await guild.found();
  for (let step = 0; step < STEPS; step++) await guild.step();
  await guild.check();
}

class Guild {
  readonly #people: People;
  readonly #random: SeededRandom;
  #all: Someone[] = [];
  #ticket = "";
  #outlaw: Replica | undefined;
  #outlawSeq = 0;
  #outlawLast: LogEvent | undefined;
  #strangers = 0;
  #texts = 0;

  constructor(seed: number) {
    this.#people = new People(seed);
    this.#random = new SeededRandom(seed);
  }

  async found(): Promise<void> {
    const ana = await this.#people.add("ana");
    await ana.service.createRoom({
      name: ROOM,
      join: this.#random.chance(0.5) ? "open" : "invite",
    });
    const made = await ana.service.invite({ room: ROOM, uses: 2 + this.#random.below(2) });
    this.#ticket = made.ticket;
    this.#all = [ana];
    for (const name of NAMES) this.#all.push(await this.#people.add(name));
    this.#people.meet(...this.#all);
    for (const one of this.#all.slice(1)) await one.service.join({ room: this.#ticket });
    await this.#people.time.pass(5_000);
    await this.#addOutlaw(fromHex(made.room === "" ? "" : await this.#roomId()));
  }

  async #roomId(): Promise<string> {
    return (await (this.#all[0] as Someone).service.roomDetails({ room: ROOM })).roomId;
  }

  /** Somebody whose program knows no ranks: a stranger who writes, and says that they may. */
  async #addOutlaw(roomId: Uint8Array): Promise<void> {
    const network = networkId(nodeCrypto, "virtual");
    const room = roomKeys(nodeCrypto, `#${ROOM}`, roomId, network);
    this.#outlaw = await Replica.start(this.#people.network, { number: 77, room });
  }

  /** One stranger writes, or a dozen who were never seen before say at once what they may not. */
  async #harass(): Promise<void> {
    if (this.#random.chance(0.5)) {
      const seq = ++this.#outlawSeq;
      this.#outlawLast = await this.#forbidden(
        "outlaw",
        seq,
        this.#outlawLast ?? null,
        encodeText(LAWLESS),
      );
      return;
    }
    for (let i = 0; i < 12; i++) {
      const word = VOID[i % VOID.length]?.(nodeCrypto.sha256(utf8(`friend ${i}`))) as Control;
      await this.#forbidden(`stranger ${++this.#strangers}`, 1, null, word);
    }
  }

  async #forbidden(
    name: string,
    seq: number,
    before: LogEvent | null,
    what: Control | Uint8Array,
  ): Promise<LogEvent> {
    const outlaw = this.#outlaw as Replica;
    const signer = nodeCrypto.signer(nodeCrypto.sha256(utf8(name)));
    const root = nodeCrypto.signer(nodeCrypto.sha256(utf8(`root of ${name}`)));
    const certificate = createCertificate(root, {
      device: signer.publicKey,
      x25519: new Uint8Array(32),
      serial: 1,
    });
    await outlaw.store.putCertificate(root.publicKey, signer.publicKey, 1, certificate.wire);
    const text = what instanceof Uint8Array;
    const event = createEvent(nodeCrypto, {
      roomId: outlaw.room.roomId,
      root: root.publicKey,
      signer,
      kind: text ? KIND_TEXT : kindOf(what),
      seq,
      prev: before?.id ?? null,
      parents: [],
      auth: this.#random.chance(0.5) ? [outlaw.room.roomId] : [],
      moment: nextMoment(this.#people.time.nowMs(), [before?.moment ?? 0]),
      content: text ? what : encodeControl(what),
    });
    await outlaw.log.append([{ event, proof: "verified", counts: false }]);
    // It ends when virtual time passes.
    void outlaw.replicator
      .announce(outlaw.room.roomId, [{ ...event, proof: "verified" }])
      .catch(() => undefined);
    return event;
  }

  async step(): Promise<void> {
    const at = this.#random.below(this.#all.length);
    const one = this.#all[at] as Someone;
    const dice = this.#random.below(100);
    if (dice < 10) return this.#part();
    if (dice < 18) return this.#heal();
    if (dice < 24) {
      this.#all[at] = await this.#people.restart(one);
      return this.#heal();
    }
    if (dice < 34) return this.#harass();
    try {
      await this.#people.during(dice < 62 ? this.#say(one) : this.#act(one), 2_000);
    } catch (error) {
      // Refused by a rule, or not in the room at all.
      if (!isParleyError(error)) throw error;
    }
  }

  async #say({ service }: Someone): Promise<void> {
    await service.send({ room: ROOM, text: `text ${++this.#texts}` });
  }

  async #act({ service }: Someone): Promise<unknown> {
    const who = (this.#all[this.#random.below(this.#all.length)] as Someone).author;
    const room = ROOM;
    switch (this.#random.below(10)) {
      case 0:
        return service.removeMember({ room, who, how: "kick" });
      case 1:
        return service.removeMember({ room, who, how: "ban" });
      case 2:
        return service.removeMember({ room, who, how: "mute", forMs: 60_000 });
      case 3:
        return service.restoreMember({ room, who, how: "unban" });
      case 4:
        return service.restoreMember({ room, who, how: "unmute" });
      case 5:
        return service.promote({ room, who, steps: -1 });
      case 6:
        return service.setTopic({ room, topic: `topic ${++this.#texts}` });
      case 7:
        return this.#random.chance(0.3)
          ? service.checkpoint({ room })
          : service.join({ room: this.#ticket });
      default:
        return service.promote({ room, who, steps: 1 });
    }
  }

  #part(): void {
    const groups: Someone[][] = [[], []];
    for (const one of this.#all) groups[this.#random.below(2)]?.push(one);
    this.#people.part(...groups);
  }

  async #heal(): Promise<void> {
    this.#people.heal(...this.#all);
    for (const { transport } of this.#all)
      if (this.#outlaw) this.#people.network.dial(transport(), this.#outlaw.transport);
    await this.#people.time.pass(this.#random.below(20_000));
  }

  async check(): Promise<void> {
    await this.#heal();
    const roomId = fromHex(await this.#roomId());
    const stateOf = async (one: Someone): Promise<string> => {
      const log = await one.store.room(roomId);
      const ids = (await log.positions({ limit: Infinity })).map(({ id }) => toHex(id));
      return JSON.stringify([await viewOf(one, ROOM), ids]);
    };
    let states: string[] = [];
    const equal = async (): Promise<boolean> => {
      states = await Promise.all(this.#all.map(stateOf));
      return states.every((state) => state === states[0]);
    };
    try {
      await this.#people.until("everybody sees the same", equal, HEAL_MAX_MS);
    } catch (cause) {
      throw new Error(states.map((state, i) => `${this.#all[i]?.name} ${state}`).join("\n"), {
        cause,
      });
    }
    for (const { service, name } of this.#all) {
      const { messages } = await service.history({ room: ROOM, limit: 1_000 });
      if (messages.some(({ text }) => text === LAWLESS))
        throw new Error(`${name} is shown what a stranger wrote`);
    }
    const log = await (this.#all[0] as Someone).store.room(roomId);
    for (const { root, kind, content } of await log.control()) {
      if (!this.#all.some(({ author }) => author === toHex(root)))
        throw new Error("a word of a stranger's about the room is stored");
      if (readControl(kind, content)?.type === "merge")
        throw new Error("what strangers said made somebody write a merge");
    }
    await this.#outlaw?.stop();
    for (const { service } of this.#all) await service.close("done");
  }
}
