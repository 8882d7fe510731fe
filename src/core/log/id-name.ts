/** The first half of an id as a short text, for maps: no two events agree in it, whoever tries; hex would take several times as long. */
export function idName(id: Uint8Array): string {
  return String.fromCharCode(
    pair(id, 0),
    pair(id, 2),
    pair(id, 4),
    pair(id, 6),
    pair(id, 8),
    pair(id, 10),
    pair(id, 12),
    pair(id, 14),
  );
}

function pair(id: Uint8Array, at: number): number {
  return (id[at] as number) | ((id[at + 1] as number) << 8);
}
