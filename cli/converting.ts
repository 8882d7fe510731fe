import type { Context } from "./context.ts";
import { Progress } from "./files/progress.ts";

/** Shows how far a store is on its way into a sealed one, or out of it. */
export function converting(context: Context): {
  told: (done: number, total: number) => void;
  clear: () => void;
} {
  const progress = new Progress(context, "records written anew", true);
  return {
    told(done, total) {
      progress.at(done, total && done / total);
      if (done === total) progress.clear();
    },
    clear: () => progress.clear(),
  };
}
