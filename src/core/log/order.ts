/** The one order of a room: (moment, id), shown, stored and reconciled. */
import { compare } from "../codec/bytes.ts";
import type { Bound, Position } from "./types.ts";

const NOTHING = new Uint8Array(0);

export const LOWEST: Bound = { moment: 0, prefix: NOTHING };
export const HIGHEST: Bound = { moment: Infinity, prefix: NOTHING };

/** Negative when `a` comes before `b`. */
export function comparePositions(a: Position, b: Position): number {
  return a.moment === b.moment ? compare(a.id, b.id) : a.moment - b.moment;
}

export function compareBounds(a: Bound, b: Bound): number {
  // Equal infinities: their difference would be NaN.
  return a.moment === b.moment ? compare(a.prefix, b.prefix) : a.moment - b.moment;
}

/** The cut just below a position. */
export function boundAt(position: Position): Bound {
  return { moment: position.moment, prefix: position.id };
}

/** The cut just above a position. */
export function boundAfter(position: Position): Bound {
  const prefix = position.id.slice();
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i] !== 0xff) {
      prefix[i] = (prefix[i] as number) + 1;
      return { moment: position.moment, prefix: prefix.slice(0, i + 1) };
    }
  }
  return { moment: position.moment + 1, prefix: NOTHING };
}

/** Whether a position lies below a cut. */
export function below(position: Position, bound: Bound): boolean {
  if (position.moment !== bound.moment) return position.moment < bound.moment;
  return compare(position.id, bound.prefix) < 0;
}
