/** Who is in a room, or has written there. */
import { toHex } from "../../core/codec/bytes.ts";
import { msOf } from "../../core/log/clock.ts";
import type { MemberInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import { nameIn } from "./name-in.ts";

/** @param here identities in the room now, in hex; the own one while the network is on */
export async function membersOf(
  context: Context,
  { state }: JoinedRoom,
  here: ReadonlySet<string>,
): Promise<MemberInfo[]> {
  const { author: me, ignored, fingerprints, book } = context;
  const { names, writers, equivocated, log } = state;
  const flagged = new Set<string>();
  for (const chain of await log.chains())
    if (equivocated.has(toHex(chain.device))) flagged.add(toHex(chain.root));
  // What somebody did about the room, such as letting people in, or hiding somebody, is no message.
  const acts = new Map<string, number>();
  const control = [...(state.governed?.resolver.all() ?? [])].map(({ event }) => event);
  for (const { root } of [...control, ...(await log.statements())]) {
    const author = toHex(root);
    acts.set(author, (acts.get(author) ?? 0) + 1);
  }
  // Nor is what they are called; somebody who changes it is one message ahead for each change.
  const namings = (author: string): number => (names.get(author) ? 1 : 0);
  const authors = new Set([me, ...here, ...writers.keys()]);
  const members = [...authors].map((author): MemberInfo => {
    const wrote = writers.get(author);
    return {
      author,
      name: nameIn(context, state, author),
      fingerprint: fingerprints.of(author),
      me: author === me,
      here: here.has(author),
      messages: Math.max(0, (wrote?.events ?? 0) - (acts.get(author) ?? 0) - namings(author)),
      ...(wrote ? { lastTime: new Date(msOf(wrote.newest)).toISOString() } : {}),
      ignored: ignored.has(author) || book.isBlocked(author),
      verified: book.isVerified(author),
      confusable: author !== me && book.confusable(author, names),
      equivocated: flagged.has(author),
    };
  });
  return members.sort((a, b) => Number(b.here) - Number(a.here) || a.name.localeCompare(b.name));
}
