/** How a client ends the node that answers it: once the answer is on its way. */
import { ParleyError } from "../core/codec/errors.ts";
import type { ServiceInit } from "./context.ts";

export function stopNode({ timers, onStop }: ServiceInit): { stopping: true } {
  timers.after(0, onStop);
  return { stopping: true };
}

/** @throws ParleyError `no-passphrase` */
export function lockNode(init: ServiceInit): { locking: true } {
  if (init.sealed !== true)
    throw new ParleyError("no-passphrase", "This profile has no passphrase that could lock it.", {
      hint: "{parley id passphrase} sets one.",
    });
  stopNode(init);
  return { locking: true };
}
