/**
 * How many events of each lane somebody has seen: of lane i the first so many. Counts lie in chunks that views share, and a
 * view is never changed: one that has seen one event more costs a chunk and the list of chunks, however many lanes there are.
 */
const CHUNK_BITS = 6;
const CHUNK_LANES = 1 << CHUNK_BITS;
const EMPTY: readonly number[] = Array.from({ length: CHUNK_LANES }, () => 0);

/** Chunks of counts; lanes beyond them have none. */
export type View = readonly (readonly number[])[];

export const NOTHING_SEEN: View = [];

export function countOf(view: View, lane: number): number {
  return view[lane >> CHUNK_BITS]?.[lane & (CHUNK_LANES - 1)] ?? 0;
}

/** The same view, or one that has seen `count` events of a lane. */
export function raised(view: View, lane: number, count: number): View {
  if (countOf(view, lane) >= count) return view;
  const chunks = [...view];
  const at = lane >> CHUNK_BITS;
  while (chunks.length <= at) chunks.push(EMPTY);
  const chunk = [...(chunks[at] as readonly number[])];
  chunk[lane & (CHUNK_LANES - 1)] = count;
  chunks[at] = chunk;
  return chunks;
}

/** What either has seen; one of the two where it has seen all that the other has. */
export function joined(a: View, b: View): View {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  const chunks = long.map((chunk, i) => joinedChunk(chunk, short[i] ?? EMPTY));
  const isOf = (view: View): boolean =>
    view.length === chunks.length && chunks.every((chunk, i) => chunk === view[i]);
  return isOf(long) ? long : isOf(short) ? short : chunks;
}

function joinedChunk(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a === b || b === EMPTY) return a;
  if (a === EMPTY) return b;
  if (a.every((count, i) => count >= (b[i] as number))) return a;
  if (b.every((count, i) => count >= (a[i] as number))) return b;
  return a.map((count, i) => Math.max(count, b[i] as number));
}
