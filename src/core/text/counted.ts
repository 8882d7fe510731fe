/** "1 event", "2 events", "1,024 addresses": a number with its thing, in sentences for people. */
export function counted(
  count: number,
  one: string,
  many: string = one.endsWith("s") ? `${one}es` : `${one}s`,
): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
