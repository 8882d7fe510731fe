/** RANK-21 read naively: every past written out, everything looked at anew (docs/spec/ranks.md, "What is kept"). */
import { equal, toHex } from "../../src/core/codec/bytes.ts";
import { isClaimSound } from "../../src/core/room/claim.ts";
import { type Control, readControl, verifySuccession } from "../../src/core/room/control.ts";
import type { ControlEvent } from "../../src/core/room/judged.ts";
import { rememberingCrypto } from "./control.ts";

interface Kept {
  readonly event: ControlEvent;
  readonly control: Control | undefined;
  readonly past: ReadonlySet<Kept>;
}

/** Those of `events` that a room keeps, whatever order they are given in. */
export function keptOf(roomId: Uint8Array, events: readonly ControlEvent[]): ControlEvent[] {
  const kept = new Map<string, Kept>();
  for (let before = -1; before !== kept.size;) {
    before = kept.size;
    for (const event of events) {
      const heads = event.auth.map((id) => kept.get(toHex(id)));
      if (kept.has(toHex(event.id)) || heads.includes(undefined)) continue;
      const past = new Set((heads as Kept[]).flatMap((head) => [head, ...head.past]));
      const control = readControl(event.kind, event.content);
      if (isKept(roomId, { event, control, past }))
        kept.set(toHex(event.id), { event, control, past });
    }
  }
  return [...kept.values()].map(({ event }) => event);
}

function isKept(roomId: Uint8Array, { event, control, past }: Kept): boolean {
  if (equal(event.id, roomId)) return true;
  const founding = [...past].find((each) => equal(each.event.id, roomId));
  if (!founding) return false;
  if (founding.control?.type !== "create") return true;
  const said = [...past].map((each) => each.control);
  if (control?.type === "create") return false;
  if (control?.type === "claim") {
    if (!isClaimSound(rememberingCrypto, roomId, event.root, control)) return false;
    const { invite, rank } = control;
    if (!invite)
      return founding.control.join === undefined && founding.control.history === undefined;
    return said.some(
      (it) => it?.type === "invite" && equal(it.key, invite.key) && it.rank === rank,
    );
  }
  if (control?.type === "succeed")
    return said.some(
      (it) =>
        (it?.type === "create" || it?.type === "succeed") &&
        verifySuccession(rememberingCrypto, roomId, event.root, it.successor, control),
    );
  const as = control?.as ?? 0;
  if (control?.type === "topic" && as < 2) return false;
  if (control?.type === "policy" && as < 3) return false;
  if ((control?.type === "invite" || control?.type === "revoke") && as < 2) return false;
  if ((control?.type === "grant" || control?.type === "demote") && control.rank >= as) return false;
  return [...past].some((each) => {
    const its = each.control;
    const own = equal(each.event.root, event.root);
    if (its?.type === "create" || its?.type === "succeed") return own;
    if (its?.type === "claim") return own && its.rank >= as;
    const gives = its?.type === "grant" || its?.type === "demote";
    return gives && equal(its.subject, event.root) && its.rank >= as;
  });
}
