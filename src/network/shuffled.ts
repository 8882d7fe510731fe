/** A list in an order of chance. */
import type { Random } from "../core/interfaces.ts";

export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const bytes = random.bytes(items.length * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keyed = items.map((item, at) => ({ item, key: view.getUint32(at * 4) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
