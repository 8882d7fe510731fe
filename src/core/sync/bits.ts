/** Bit i (of byte i >> 3, lowest first) is set where `flags[i]`; bytes of zeros at the end are left out. */
export function packBits(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array((flags.lastIndexOf(true) >> 3) + 1);
  flags.forEach((flag, i) => {
    if (flag) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  });
  return bits;
}

/** The items whose bit is set. */
export function pick<Item>(items: readonly Item[], bits: Uint8Array): Item[] {
  return items.filter((_, i) => ((bits[i >> 3] ?? 0) & (1 << (i & 7))) !== 0);
}
