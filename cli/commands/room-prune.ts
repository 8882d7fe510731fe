import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { removedWords } from "../retention-words.ts";

export async function roomPrune(context: Context, room: string): Promise<number> {
  const api = await openStore(context);
  const result = await api.prune({ room });
  await context.out.either("pruned", result, removedWords(result));
  return DONE;
}
