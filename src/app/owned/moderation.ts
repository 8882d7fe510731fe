/** Ranks given and taken, people removed and let back (docs/spec/ranks.md): every refusal names its rule. */
import { fromHex, toHex, utf8 } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { ROOM_REASON_MAX_BYTES, SEALED_TOPIC_MAX_BYTES } from "../../core/codec/limits.ts";
import { momentOf } from "../../core/log/clock.ts";
import { type Control, OWNER, type Rank } from "../../core/room/control.ts";
import { type GivenRank, RANKS, type RoomLogEntry } from "../owned-api.ts";
import type { Person } from "../people/find-person.ts";
import type { Acting, OwnedRoom } from "./acting.ts";
import { demand, MODERATOR, notAllowed, withArticle } from "./ranks.ts";

export class Moderation {
  readonly #acting: Acting;

  constructor(acting: Acting) {
    this.#acting = acting;
  }

  async setRank(room: OwnedRoom, who: string, rank: GivenRank): Promise<RoomLogEntry> {
    const person = this.#acting.find(room, who);
    return this.#give(room, person, RANKS.indexOf(rank) as Rank);
  }

  async promote(room: OwnedRoom, who: string, steps: number): Promise<RoomLogEntry> {
    const person = this.#acting.find(room, who);
    const { rank } = this.#acting.standing(room, fromHex(person.author));
    const wanted = Math.min(OWNER, Math.max(0, rank + steps));
    if (wanted === rank)
      throw notAllowed(
        `${person.name} is ${withArticle(rank)}: there is nothing ${steps < 0 ? "below" : "above"} that.`,
      );
    return this.#give(room, person, wanted as Rank);
  }

  async remove(
    room: OwnedRoom,
    who: string,
    how: "kick" | "ban" | "mute",
    { forMs, reason }: { readonly forMs?: number; readonly reason?: string } = {},
  ): Promise<RoomLogEntry> {
    const person = this.#acting.find(room, who);
    demand(this.#acting.standing(room), MODERATOR, `${how} somebody`);
    this.#refuseHigh(room, person, how);
    const subject = fromHex(person.author);
    const as = this.#acting.as(room);
    const cuts = await this.#acting.cuts(room, subject);
    const nowMs = this.#acting.context.init.clock.nowMs();
    const until = forMs === undefined ? null : momentOf(nowMs + forMs);
    const control: Control =
      how === "mute"
        ? { type: how, as, subject, until, cuts }
        : { type: how, as, subject, cuts, ...this.#reason(room, reason) };
    return this.#acting.say(room, control);
  }

  async restore(room: OwnedRoom, who: string, how: "unban" | "unmute"): Promise<RoomLogEntry> {
    const person = this.#acting.find(room, who);
    demand(this.#acting.standing(room), MODERATOR, `${how} somebody`);
    const subject = fromHex(person.author);
    const standing = this.#acting.standing(room, subject);
    if (how === "unban" ? !standing.banned : !standing.muted)
      throw new ParleyError(
        "nothing-to-lift",
        `${person.name} is not ${how === "unban" ? "banned" : "muted"}.`,
      );
    const rank = how === "unban" ? 1 : Math.max(0, standing.rank);
    return this.#give(room, person, rank as Rank);
  }

  async #give(room: OwnedRoom, person: Person, rank: Rank): Promise<RoomLogEntry> {
    const own = this.#acting.standing(room);
    const subject = fromHex(person.author);
    const { rank: held } = this.#acting.standing(room, subject);
    if (rank === OWNER)
      throw notAllowed(
        "A room has one owner. It is handed over by the successor's key: {parley room successor ROOM|/successor}.",
      );
    if (held === OWNER && person.author !== toHex(this.#acting.context.root))
      throw notAllowed(
        `${person.name} owns the room: nobody takes that away. It is handed over by the successor's key.`,
      );
    demand(
      own,
      Math.max(MODERATOR, rank + 1),
      rank < held ? "take that rank away" : `make somebody ${withArticle(rank)}`,
    );
    this.#refuseHigh(room, person, "change the rank of");
    const as = this.#acting.as(room);
    const type = rank < held ? "demote" : "grant";
    return this.#acting.say(room, { type, as, subject, rank });
  }

  /** What is said of a removal; in a private room sealed to those who are in it, whoever is removed among them. */
  #reason({ governed: { ring } }: OwnedRoom, text = ""): { readonly reason?: string } {
    const words = text.trim();
    if (words === "") return {};
    const most = ring ? SEALED_TOPIC_MAX_BYTES : ROOM_REASON_MAX_BYTES;
    if (utf8(words).length > most)
      throw new ParleyError("bad-reason", `A reason has at most ${most} bytes.`);
    const nowMs = this.#acting.context.init.clock.nowMs();
    return { reason: ring ? ring.sealText(words, nowMs) : words };
  }

  #refuseHigh(room: OwnedRoom, person: Person, doing: string): void {
    if (person.author === toHex(this.#acting.context.root))
      throw notAllowed(`You cannot ${doing} yourself.`);
    const own = this.#acting.standing(room).rank;
    const { rank } = this.#acting.standing(room, fromHex(person.author));
    if (rank < own) return;
    throw notAllowed(
      `${person.name} is ${withArticle(rank)} and you are ${withArticle(own)}: one can only ${doing} somebody of a lower rank.`,
    );
  }
}
