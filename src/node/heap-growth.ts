/** How far a node lets its heap grow between two collections of the whole of it (docs/adr/0232-memory-of-a-catch-up.md). */
import { setFlagsFromString } from "node:v8";

/** In hundredths of what a collection has left. V8 itself takes up to three times as much. */
const GROWTH_PERCENT = 100;
/** Later ones may not know the flag, and would say so where a node says what went wrong. */
const NEWEST_MAJOR_TRIED = 24;

/** To be called early. Where the flag is not known to be there, the node takes more memory and works alike. */
export function limitHeapGrowth(version = process.versions.node): boolean {
  if (Number.parseInt(version, 10) > NEWEST_MAJOR_TRIED) return false;
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  return true;
}
