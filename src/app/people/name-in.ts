import type { Context } from "../context.ts";
import type { RoomState } from "../rooms/room-state.ts";

/**
 * What somebody (identity in hex) is called in a room. Who has said no name there, or none that can be read yet as in a private
 * room, is called as elsewhere: it is the same identity.
 */
export function nameIn(context: Context, { names }: RoomState, author: string): string {
  const { author: me, name, book } = context;
  if (author === me) return name;
  return book.nameOf(author, names.get(author)?.name) ?? context.nameOf(author);
}
