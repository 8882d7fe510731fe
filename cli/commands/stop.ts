import type { ParleyApi } from "../../src/app/api.ts";
import { type Context, profileFlags } from "../context.ts";
import { DONE } from "../exit-status.ts";

/** Stopping what does not run is done already. */
export async function stop(context: Context): Promise<number> {
  const { out } = context;
  const node = await context.node();
  const session = await node.openRunning(profileFlags(context));
  if (session === undefined) {
    await out.either("stopped", { wasRunning: false }, "No node was running.");
    return DONE;
  }
  context.lifetime.atExit(() => session.close());
  const gone = closed(session.api);
  await session.api.stop();
  await gone;
  await out.either("stopped", { wasRunning: true }, "Stopped.");
  return DONE;
}

/** Resolves when the node has closed the connection, which it does last. */
function closed(api: ParleyApi): Promise<void> {
  return new Promise((resolve) => {
    api.subscribe((event) => {
      if (event.type === "closed") resolve();
    });
  });
}
