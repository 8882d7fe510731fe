/** What the node says of a long request, on a terminal, for as long as it is waited for. */
import type { ParleyApi } from "../src/app/api.ts";
import type { Context } from "./context.ts";
import { Progress } from "./files/progress.ts";

/** Histories come by themselves: whoever waits for something else is not told of them. */
const CATCHING_UP = /^history of /u;

/** Waits for `work`, and shows meanwhile how far the node says it is. */
export async function withProgress<Result>(
  context: Context,
  api: Pick<ParleyApi, "subscribe">,
  work: () => Promise<Result>,
): Promise<Result> {
  const progress = new Progress(context, "", true);
  // Without a terminal nobody looks, and being told costs the node.
  if (!progress.shown) return work();
  const unsubscribe = api.subscribe((event) => {
    if (event.type !== "progress" || CATCHING_UP.test(event.task)) return;
    progress.task(event.task, event.done, event.total);
  });
  try {
    return await work();
  } finally {
    unsubscribe();
    progress.clear();
  }
}
