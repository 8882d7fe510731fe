/**
 * Requests to come in: whoever uses an invite that wants approval comes in as a guest, who reads where the room is public, and waits until
 * somebody who may let people in says yes or no (docs/spec/ranks.md, "Invites").
 */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import { counted } from "../../core/text/counted.ts";
import { msOf } from "../../core/log/clock.ts";
import { isClaim } from "../../core/room/door.ts";
import type { Judged } from "../../core/room/judged.ts";
import type { RoomLogEntry, RoomRequest } from "../owned-api.ts";
import type { Acting, OwnedRoom } from "./acting.ts";
import type { Moderation } from "./moderation.ts";
import { demand, MODERATOR } from "./ranks.ts";

export class Requests {
  readonly #acting: Acting;
  readonly #moderation: Moderation;

  constructor(acting: Acting, moderation: Moderation) {
    this.#acting = acting;
    this.#moderation = moderation;
  }

  /** Who waits, longest first. */
  list(room: OwnedRoom): RoomRequest[] {
    return this.#waiting(room).map(({ event, control }) => {
      const key = control?.type === "claim" ? control.invite?.key : undefined;
      return {
        ...this.#acting.person(room, toHex(event.root)),
        room: room.state.keys.name,
        time: new Date(msOf(event.moment)).toISOString(),
        invite: key ? toHex(key) : "",
      };
    });
  }

  /** @throws ParleyError `not-allowed`, `unknown-person`, `no-request` */
  async answer(room: OwnedRoom, who: string, admit: boolean): Promise<RoomLogEntry> {
    demand(this.#acting.standing(room), MODERATOR, "let people in");
    const { author, name } = this.#acting.find(room, who);
    if (!this.list(room).some((request) => request.author === author))
      throw new ParleyError("no-request", `${name} does not wait to be let in.`, {
        hint: "{parley room requests ROOM} lists who does.",
      });
    return admit
      ? this.#moderation.setRank(room, author, "member")
      : this.#moderation.remove(room, author, "kick");
  }

  /** The control events of a room have changed: who may answer is told of who waits, and who waits of waiting. */
  governed(room: OwnedRoom): void {
    const { notices, author } = this.#acting.context;
    const { name } = room.state.keys;
    const waiting = this.list(room);
    const mine = waiting.some((request) => request.author === author);
    if (mine)
      notices.set({
        level: "info",
        code: "join-waits",
        room: name,
        text: room.governed.ring
          ? `You wait to be let into ${name}: you read what is said there, and can write, once somebody who runs it has let you in.`
          : `You can read ${name}. Somebody who runs it has to let you in before you can write there.`,
      });
    else notices.clear("join-waits", name);
    const mayAnswer = this.#acting.standing(room).rank >= MODERATOR;
    const [first] = waiting;
    if (!mayAnswer || !first) return notices.clear("join-asked", name);
    const who =
      first.name === first.fingerprint ? first.name : `${first.name} · ${first.fingerprint}`;
    const more = waiting.length === 1 ? "" : `, and ${counted(waiting.length - 1, "other")},`;
    notices.set({
      level: "info",
      code: "join-asked",
      room: name,
      text: `${who}${more} would like to come into ${name}.`,
      hint: `{parley room requests ${name.slice(1)}|/approve ${first.fingerprint} or /deny ${first.fingerprint}}`,
    });
  }

  /** Claims by invites that want approval, of guests about whom nothing was said since. */
  #waiting({ governed: { resolver } }: OwnedRoom): Judged[] {
    const all = [...resolver.all()].filter((judged) => judged.void === undefined);
    const keys = all.flatMap(({ control }) =>
      control?.type === "invite" && control.approve ? [control.key] : [],
    );
    if (keys.length === 0) return [];
    return all.filter((judged) => {
      const { control, event } = judged;
      if (control?.type !== "claim" || !control.invite) return false;
      const { key } = control.invite;
      if (!keys.some((each) => equal(each, key))) return false;
      const said = resolver.about(event.root).filter((each) => each.void === undefined);
      return resolver.standing(event.root).rank === 0 && said.every(isClaim);
    });
  }
}
