/** The control events of a room in words: who did what, and what became of it. */
import { toHex } from "../../core/codec/bytes.ts";
import { msOf } from "../../core/log/clock.ts";
import type { Control } from "../../core/room/control.ts";
import type { Judged, VoidReason } from "../../core/room/judged.ts";
import type { ShownRemoval } from "../../core/room/removal.ts";
import type { Context } from "../context.ts";
import type { RoomLogEntry } from "../owned-api.ts";
import { nameIn } from "../people/name-in.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { counted } from "../../core/text/counted.ts";
import { oneLine } from "./details.ts";
import { withArticle } from "./ranks.ts";

const WHY: Readonly<Record<VoidReason, string>> = {
  unknown: "this version does not know what it says",
  shrunk: "its device had said otherwise before, and passed over it",
  rank: "its author did not hold the rank for it",
  "too-much": "one gives only ranks below the own one",
  target: "it is about somebody of the same or a higher rank",
  restricted: "a higher rank has imposed the ban or mute that it would lift",
  removed: "a higher rank had removed its author meanwhile",
  checkpoint: "the owner has drawn a line before it",
  succession: "another owner had taken the room over",
  invite: "there is no such invite",
  expired: "the invite had expired",
  revoked: "the invite was revoked",
  uses: "the invite has let in as many as it may",
  closed: "one comes in by an invite only",
};

export function entryOf(context: Context, room: JoinedRoom, judged: Judged): RoomLogEntry {
  const { event, control, void: reason } = judged;
  const author = toHex(event.root);
  return {
    id: toHex(event.id),
    room: room.state.keys.name,
    time: new Date(msOf(event.moment)).toISOString(),
    author,
    name: nameIn(context, room.state, author),
    fingerprint: context.fingerprints.of(author),
    kind: control?.type ?? "unknown",
    text: control
      ? wordsOf(readable(control, room), (root) => nameIn(context, room.state, toHex(root)))
      : "said something unknown",
    effective: reason === undefined,
    ...(reason === undefined ? {} : { reason, why: WHY[reason] }),
  };
}

/** "ana kicked you: “why”": who has removed oneself, and how. @param where " from #room" */
export function removalWords(
  context: Context,
  room: JoinedRoom,
  { event, control }: ShownRemoval,
  where = "",
): string {
  const said = readable(control, room);
  const reason = said.type === "kick" || said.type === "ban" ? reasonWords(said.reason) : "";
  const who = nameIn(context, room.state, toHex(event.root));
  return `${who} ${control.type === "ban" ? "banned" : "kicked"} you${where}${reason}`;
}

/** What somebody puts in words about a private room is sealed. */
function readable(control: Control, { state }: JoinedRoom): Control {
  const ring = state.governed?.ring;
  if (!ring) return control;
  if (control.type === "topic")
    return { ...control, text: ring.openText(control.text) ?? "(sealed)" };
  if ((control.type !== "kick" && control.type !== "ban") || control.reason === undefined)
    return control;
  return { ...control, reason: ring.openText(control.reason) ?? "(sealed)" };
}

function wordsOf(control: Control, nameOf: (root: Uint8Array) => string): string {
  switch (control.type) {
    case "create":
      return "founded the room";
    case "grant":
      return `made ${nameOf(control.subject)} ${withArticle(control.rank)}`;
    case "demote":
      return `took rank from ${nameOf(control.subject)}, now ${withArticle(control.rank)}`;
    case "mute":
      return `muted ${nameOf(control.subject)}${untilWords(control.until)}`;
    case "kick":
      return `kicked ${nameOf(control.subject)}${reasonWords(control.reason)}`;
    case "ban":
      return `banned ${nameOf(control.subject)}${reasonWords(control.reason)}`;
    case "leave":
      return "left";
    case "topic":
      return control.text === ""
        ? "took the topic away"
        : `set the topic: ${oneLine(control.text)}`;
    case "policy":
      return `set ${control.name} to “${oneLine(control.value)}”`;
    case "checkpoint":
      return "drew a line: what lower ranks did meanwhile is void";
    case "succeed":
      return "took the room over";
    case "merge":
      return "brought together what was said apart";
    case "invite":
      return `made an invite ${toHex(control.key).slice(0, 8)} for ${newcomers(control.uses, control.rank)}${control.approve ? " who wait to be let in" : ""}`;
    case "revoke":
      return `revoked the invite ${toHex(control.key).slice(0, 8)}`;
    case "device":
      return "named the key of a device";
    case "retire":
      return "took a device of theirs out";
    case "epoch":
      return `changed the keys of the room (${toHex(control.id).slice(0, 8)})`;
    case "claim":
      return control.invite
        ? `came in by the invite ${toHex(control.invite.key).slice(0, 8)}`
        : "came in";
  }
}

/** @param uses null: there is no limit. */
function newcomers(uses: number | null, rank: number): string {
  const one = rank === 0 ? "guest" : "member";
  return uses === null ? `any number of ${one}s` : counted(uses, one);
}

function reasonWords(reason: string | undefined): string {
  const words = oneLine(reason);
  return words === "" ? "" : `: “${words}”`;
}

function untilWords(until: number | null): string {
  return until === null ? "" : ` until ${minuteOf(until)}`;
}

/** "2026-11-25 16:14 UTC": a sentence is made where nobody knows in which zone it is read. */
export function minuteOf(moment: number): string {
  return `${new Date(msOf(moment)).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
