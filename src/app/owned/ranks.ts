/** Names of ranks, and the refusals that name the rule. */
import { ParleyError } from "../../core/codec/errors.ts";
import type { Rank } from "../../core/room/control.ts";
import type { Standing } from "../../core/room/standing.ts";
import { type RankName, RANKS } from "../owned-api.ts";

export const MODERATOR: Rank = 2;
export const ADMIN: Rank = 3;

export function rankName(rank: number): RankName | null {
  return RANKS[rank] ?? null;
}

/** "an admin", "a member", "nobody in this room". */
export function withArticle(rank: number): string {
  const name = rankName(rank);
  if (name === null) return "not in this room";
  return /^[ao]/.test(name) ? `an ${name}` : `a ${name}`;
}

/** @throws ParleyError `not-allowed`: "You are a member; only a moderator can kick a member." */
export function demand(standing: Standing, needed: number, doing: string): void {
  if (standing.rank >= needed) return;
  throw notAllowed(
    `You are ${withArticle(standing.rank)}; only ${withArticle(needed)} can ${doing}.`,
  );
}

export function notAllowed(text: string): ParleyError {
  return new ParleyError("not-allowed", text, {
    hint: "{parley members ROOM|/names} shows who holds which rank, {parley room log ROOM|/log} how that came.",
  });
}
