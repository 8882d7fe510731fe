/** Scripts written without spaces: there a name ends where it ends. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const WORD = /[\p{L}\p{M}\p{N}_]/u;

/** Whether `text` names the person: `name` as a word of its own, in any case, with or without @. Both are clean. */
export function mentions(text: string, name: string): boolean {
  const wanted = name.toLowerCase();
  if (wanted === "") return false;
  const first = after(wanted, 0);
  const last = before(wanted, wanted.length);
  const searched = text.toLowerCase();
  for (let at = searched.indexOf(wanted); at !== -1; at = searched.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (parted(before(searched, at), first) && parted(after(searched, end), last)) return true;
  }
  return false;
}

/** Whether a word ends between the neighbour and the edge of the name. */
function parted(neighbour: string, edge: string): boolean {
  return !WORD.test(neighbour) || !WORD.test(edge) || UNSPACED.test(edge);
}

/** The code point that ends at `index`, or nothing. */
function before(text: string, index: number): string {
  const unit = text.slice(Math.max(0, index - 1), index);
  return /[\udc00-\udfff]/.test(unit) ? text.slice(Math.max(0, index - 2), index) : unit;
}

/** The code point that begins at `index`, or nothing. */
function after(text: string, index: number): string {
  const code = text.codePointAt(index);
  return code === undefined ? "" : String.fromCodePoint(code);
}
