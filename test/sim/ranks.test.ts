import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/core/codec/bytes.ts";
import { authOf, needsMerge } from "../../src/core/room/auth.ts";
import type { Control, Rank } from "../../src/core/room/control.ts";
import type { ControlEvent, VoidReason } from "../../src/core/room/judged.ts";
import type { Resolver } from "../../src/core/room/resolver.ts";
import { controlEvent, key, Oracle } from "../support/control.ts";
import {
  closedFounding,
  controlOf,
  DEVICES,
  flooding,
  foundings,
  headsOf,
  history,
  PEOPLE,
  resolved,
  root,
  roomId,
  step,
} from "../support/histories.ts";
import { sized } from "../support/size.ts";

const REASONS: readonly (VoidReason | undefined)[] = [
  undefined,
  "shrunk",
  "rank",
  "too-much",
  "target",
  "restricted",
  "removed",
  "checkpoint",
  "succession",
  "invite",
  "expired",
  "revoked",
  "uses",
  "closed",
];

function outcomeOf(resolver: Resolver): unknown {
  const voids = [...resolver.all()].map((each) => [toHex(each.event.id), each.void] as const);
  const standings = PEOPLE.map((person) => {
    const { rank, banned, left, muted } = resolver.standing(root(person));
    return { rank, banned, left, muted: muted !== undefined };
  });
  return {
    voids: new Map(voids.sort(([a], [b]) => (a < b ? -1 : 1))),
    standings,
    topic: resolver.setting("topic"),
    history: resolver.setting("policy/history"),
  };
}

describe("ranks", () => {
  it("RANK-1 the order of arrival decides nothing, and each event is judged as the rules say", () => {
    const met = new Set<string | undefined>();
    fc.assert(
      fc.property(
        foundings,
        fc.array(step, { minLength: 4, maxLength: 24, size: "max" }),
        fc.infiniteStream(fc.nat(1_000_000)),
        (founding, steps, chance) => {
          const events = history(founding, steps);
          const shuffled = events
            .map((event) => ({ event, place: chance.next().value }))
            .sort((a, b) => (a.place ?? 0) - (b.place ?? 0))
            .map(({ event }) => event);
          const resolver = resolved(shuffled);
          const oracle = new Oracle(roomId, events);
          const voids = [...oracle.voids()].sort(([a], [b]) => (a < b ? -1 : 1));
          for (const [, reason] of voids) met.add(reason);
          if (founding === closedFounding)
            for (const { control, void: reason } of resolver.all())
              if (control?.type === "claim" && !control.invite) expect(reason).not.toBeUndefined();
          const { topic, history: kept } = outcomeOf(resolved(events)) as Record<string, unknown>;
          expect(outcomeOf(resolver)).toEqual({
            voids: new Map(voids),
            standings: PEOPLE.map((person) => oracle.standing(root(person))),
            topic,
            history: kept,
          });
        },
      ),
      { numRuns: sized(20_000, 500_000) },
    );
    // The histories were such that every rule had something to say.
    expect(met).toEqual(new Set(REASONS));
  });

  it("RANK-1 also while some of the past has not come", () => {
    fc.assert(
      fc.property(
        foundings,
        fc.array(step, { minLength: 2, maxLength: 16 }),
        fc.nat(),
        (founding, steps, lost) => {
          const events = history(founding, steps);
          const without = events.filter((_, i) => i !== 1 + (lost % (events.length - 1)));
          const oracle = new Oracle(roomId, without);
          const resolver = resolved([...without].reverse());
          expect(
            new Map([...resolver.all()].map((each) => [toHex(each.event.id), each.void])),
          ).toEqual(oracle.voids());
        },
      ),
      { numRuns: sized(2_000, 50_000) },
    );
  });

  it("RANK-20 what somebody says comes to the same whether they name all heads or those that count", () => {
    let merged = 0;
    let flooded = 0;
    fc.assert(
      fc.property(
        foundings,
        fc.array(step, { minLength: 4, maxLength: 16 }),
        fc.array(step, { maxLength: 40, size: "max" }),
        step,
        (founding, steps, flood, last) => {
          const events = [...history(founding, steps)];
          for (const [i, each] of flood.entries()) events.push(flooding(events, each, i));
          const device = DEVICES[last.device] as string;
          const author = device.split("'")[0] as string;
          const resolver = resolved(events);
          const held = Math.max(0, resolver.standing(root(author)).rank) as Rank;
          const control = controlOf({ ...last, as: held }, author);
          if (control.type === "claim") return;
          const speaker = { root: root(author), device: key(`device ${device}`), says: [control] };
          const seqOf = (): number => (resolver.tipsOf(speaker.device)[0]?.event.seq ?? 0) + 1;
          const said = (what: Control, auth: readonly ControlEvent[]): ControlEvent =>
            controlEvent({
              id: `last ${seqOf()}`,
              author,
              device,
              seq: seqOf(),
              auth,
              control: what,
              moment: 100 + seqOf(),
            });
          const whole = said(control, headsOf(events));
          const naive = new Oracle(roomId, [...events, whole]).voids().get(toHex(whole.id));
          const here = (ids: readonly Uint8Array[]): ControlEvent[] =>
            ids.map((id) => resolver.get(id)?.event as ControlEvent);
          while (needsMerge(resolver, speaker)) {
            merged++;
            resolver.add(said({ type: "merge", as: 0 }, here(authOf(resolver, speaker))));
          }
          const short = said(control, here(authOf(resolver, speaker)));
          resolver.add(short);
          if (headsOf(events).length > 16) flooded++;
          expect(short.auth.length).toBeLessThanOrEqual(8);
          expect(resolver.get(short.id)?.void).toBe(naive);
        },
      ),
      { numRuns: sized(1_000, 50_000) },
    );
    // Strangers made far more heads than anybody merged.
    expect(flooded).toBeGreaterThan(100);
    expect(merged).toBeLessThan(flooded / 10);
  });
});
