/**
 * The log of libp2p, which makes three loggers for every stream: nobody reads them unless `DEBUG` asks for them, and they were
 * a tenth of what a stream costs.
 */
import type { ComponentLogger, Logger } from "@libp2p/interface";

const silent = (): void => undefined;
const quiet: Logger = Object.assign(silent, {
  error: silent,
  trace: silent,
  enabled: false,
  newScope: () => quiet,
});

/** For `createLibp2p`; nothing, and so libp2p's own, where `DEBUG` is set. */
export function quietLog(): { logger?: ComponentLogger } {
  return process.env["DEBUG"] ? {} : { logger: { forComponent: () => quiet } };
}
