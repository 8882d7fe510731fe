import type { Logger } from "../../src/core/interfaces.ts";

const silent = (): void => undefined;
export const quiet: Logger = { debug: silent, info: silent, warn: silent };
