/** Whose room it is, one after the other (docs/spec/ranks.md, RANK-10). */
import { compare, toHex } from "../codec/bytes.ts";
import type { Crypto } from "../crypto/port.ts";
import { verifySuccession } from "./control.ts";
import type { Judged } from "./judged.ts";

/** One in the line of owners. */
export interface Owner {
  readonly judged: Judged;
  readonly root: Uint8Array;
  readonly commitment: Uint8Array;
}

/**
 * The founder, then whoever has shown the key that the one before has committed to; of rivals the lowest id.
 * @param judged all that is here, by id in hex · @param successions of these
 */
export function lineOfOwners(
  crypto: Crypto,
  roomId: Uint8Array,
  judged: ReadonlyMap<string, Judged>,
  successions: readonly Judged[],
): Owner[] {
  const founding = judged.get(toHex(roomId));
  if (founding?.control?.type !== "create") return [];
  const { root } = founding.event;
  const line: Owner[] = [{ judged: founding, root, commitment: founding.control.successor }];
  const succeeds = ({ event, control }: Judged, commitment: Uint8Array): boolean =>
    control?.type === "succeed" &&
    verifySuccession(crypto, roomId, event.root, commitment, control);
  for (;;) {
    const { commitment } = line.at(-1) as Owner;
    const [next] = successions
      .filter((each) => !line.some((owner) => owner.judged === each))
      .filter((each) => succeeds(each, commitment))
      .sort((a, b) => compare(a.event.id, b.event.id));
    if (next?.control?.type !== "succeed") return line;
    line.push({ judged: next, root: next.event.root, commitment: next.control.successor });
  }
}
