/** Names that people on the line say they have, before they have signed one (docs/adr/0170-a-name-before-the-first-message.md). */
import { NAMES_CLAIMED_MAX_COUNT } from "../../core/codec/limits.ts";
import { skeleton } from "../../core/text/confusable.ts";
import { claimedName } from "../../core/text/marks.ts";

interface Claim {
  readonly name: string;
  readonly skeleton: string;
}

export class Claims {
  readonly #claims = new Map<string, Claim>();

  /** @param author identity in hex, proven by the connection; the newest claim counts */
  take(author: string, foreign: string): void {
    this.#claims.delete(author);
    const name = claimedName(foreign);
    if (name === "") return;
    this.#claims.set(author, { name, skeleton: skeleton(name) });
    const [oldest] = this.#claims.keys();
    if (this.#claims.size > NAMES_CLAIMED_MAX_COUNT && oldest !== undefined)
      this.#claims.delete(oldest);
  }

  /**
   * The cleaned name that somebody claims. Nobody passes for somebody else by it: undefined where it looks like another claim.
   * @param isTaken whether another identity bears a name that looks like it
   */
  of(author: string, isTaken: (skeleton: string) => boolean): string | undefined {
    const claim = this.#claims.get(author);
    if (claim === undefined || isTaken(claim.skeleton)) return undefined;
    for (const [other, { skeleton: others }] of this.#claims)
      if (others === claim.skeleton && other !== author) return undefined;
    return claim.name;
  }
}
