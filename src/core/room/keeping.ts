/**
 * Which control events a room keeps (docs/spec/ranks.md, "What is kept"): what can never come to anything, by what the event
 * itself has seen, is not kept, and neither is what names it. So whoever was never let in makes nobody store anything, and all
 * who hear the same end with the same set, in whatever order it came (docs/adr/0212-what-can-never-count-is-not-kept.md).
 */
import { equal, toHex } from "../codec/bytes.ts";
import { CONTROL_REFUSED_MAX_COUNT } from "../codec/limits.ts";
import { Lru } from "../codec/lru.ts";
import type { Crypto } from "../crypto/port.ts";
import { isClaimSound } from "./claim.ts";
import { type Claim, type Control, OWNER, readControl, verifySuccession } from "./control.ts";
import { type ControlGraph, type Placed, seen, type View } from "./control-graph.ts";
import type { Pair } from "./direct.ts";
import { type ControlEvent, LEAST_RANK } from "./judged.ts";

export interface KeepingInit {
  readonly crypto: Crypto;
  readonly roomId: Uint8Array;
  /** Where what is kept is placed. */
  readonly graph: ControlGraph;
  /** Of a conversation of two. */
  readonly pair?: Pair | undefined;
}

/** A word that gives something to whoever has seen it. */
interface Given<T> {
  readonly placed: Placed;
  readonly value: T;
}

export class Keeping {
  readonly #init: KeepingInit;
  /** Hex of an identity → the ranks that it has been given, or has claimed. */
  readonly #ranks = new Map<string, Given<number>[]>();
  /** Hex of an invite's key → the ranks it gives. */
  readonly #invites = new Map<string, Given<number>[]>();
  /** What successors' keys have to hash to. */
  readonly #commitments: Given<Uint8Array>[] = [];
  readonly #refused = new Lru<string, true>(CONTROL_REFUSED_MAX_COUNT);
  #founding: Control | undefined;

  constructor(init: KeepingInit) {
    this.#init = init;
  }

  /** Whether an event was found to be none that is kept; of very many the latest are known. */
  isRefused(id: string): boolean {
    return this.#refused.get(id) === true;
  }

  /** Remembers that it is not kept, so that what names it need not wait for it. */
  refuse(event: Pick<ControlEvent, "id">): void {
    this.#refused.set(toHex(event.id), true);
  }

  /** Whether an event, all of whose heads are placed, is kept: it is placed as well then. */
  keeps(event: ControlEvent): boolean {
    const { graph } = this.#init;
    if (graph.get(toHex(event.id))) return true;
    const control = readControl(event.kind, event.content);
    const past = graph.view(event.auth);
    if (!this.#mayCount(event, control, past)) return false;
    this.#note(event, control, graph.add(event.id, event.device, event.auth, past));
    return true;
  }

  #mayCount(event: ControlEvent, control: Control | undefined, past: View): boolean {
    const { crypto, roomId, graph, pair } = this.#init;
    if (pair) return pair.some((root) => equal(root, event.root));
    if (equal(event.id, roomId)) return true;
    const founding = graph.get(toHex(roomId));
    if (!founding || !seen(past, founding)) return false;
    // Nobody knows who runs a room that a later version founded.
    if (this.#founding === undefined) return true;
    switch (control?.type) {
      case "create":
        return false;
      case "claim":
        return isClaimSound(crypto, roomId, event.root, control) && this.#mayEnter(control, past);
      case "succeed":
        return this.#commitments.some(
          ({ placed, value }) =>
            seen(past, placed) && verifySuccession(crypto, roomId, event.root, value, control),
        );
      default:
        return this.#mayHold(event.root, past, control);
    }
  }

  #mayEnter({ invite, rank }: Claim, past: View): boolean {
    if (invite) return has(this.#invites.get(toHex(invite.key)), past, (given) => given === rank);
    const founding = this.#founding;
    if (founding?.type !== "create") return true;
    return founding.join === undefined && founding.history === undefined;
  }

  #mayHold(root: Uint8Array, past: View, control: Control | undefined): boolean {
    const as = control?.as ?? 0;
    if (control && as < (LEAST_RANK[control.type] ?? 0)) return false;
    if (control && "rank" in control && control.rank >= as) return false;
    return has(this.#ranks.get(toHex(root)), past, (given) => given >= as);
  }

  #note(event: ControlEvent, control: Control | undefined, placed: Placed): void {
    if (equal(event.id, this.#init.roomId) && control?.type === "create") this.#founding = control;
    if (!control) return;
    if (control.type === "create" || control.type === "succeed") {
      this.#commitments.push({ placed, value: control.successor });
      give(this.#ranks, event.root, { placed, value: OWNER });
    } else if (control.type === "invite") {
      give(this.#invites, control.key, { placed, value: control.rank });
    } else if (control.type === "claim") {
      give(this.#ranks, event.root, { placed, value: control.rank });
    } else if (control.type === "grant" || control.type === "demote") {
      give(this.#ranks, control.subject, { placed, value: control.rank });
    }
  }
}

function has<T>(
  those: readonly Given<T>[] | undefined,
  past: View,
  fits: (value: T) => boolean,
): boolean {
  return those?.some(({ placed, value }) => fits(value) && seen(past, placed)) ?? false;
}

function give<T>(map: Map<string, Given<T>[]>, key: Uint8Array, given: Given<T>): void {
  const those = map.get(toHex(key));
  if (those) those.push(given);
  else map.set(toHex(key), [given]);
}
