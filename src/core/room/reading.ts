/**
 * Who reads in a private room: everybody of rank 0 or more, but who has come by an invite that wants approval, as long as nobody
 * has said anything else about them (docs/spec/private-rooms.md, SEALED-3).
 */
import { toHex } from "../codec/bytes.ts";
import { seen, type View } from "./control-graph.ts";
import type { Resolver } from "./resolver.ts";

const GUEST = 0;

/** Keys (hex) of the invites in effect that want approval. */
export function approvalKeys(resolver: Resolver): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { control, void: reason } of resolver.all())
    if (reason === undefined && control?.type === "invite" && control.approve)
      keys.add(toHex(control.key));
  return keys;
}

/** Whether somebody reads, by a view, now by default. @param keys those of `approvalKeys`, where many are asked about */
export function mayRead(
  resolver: Resolver,
  root: Uint8Array,
  view: View = resolver.view(),
  keys?: ReadonlySet<string>,
): boolean {
  const { rank } = resolver.standing(root, view);
  if (rank !== GUEST) return rank > GUEST;
  const known = keys ?? approvalKeys(resolver);
  // Guests by name, and by an invite for guests, read.
  return resolver
    .about(root)
    .filter(({ placed }) => seen(view, placed))
    .some(({ control }) => {
      const invite = control?.type === "claim" ? control.invite : null;
      return !invite || !known.has(toHex(invite.key));
    });
}
