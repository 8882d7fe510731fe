/**
 * Names that look alike. The skeleton follows the idea of Unicode's UTS #39 with a table of our own:
 * what a person would take for a Latin letter, from the scripts that are used for such tricks.
 * Why not the full table: docs/adr/0026-look-alike-names.md.
 */

/** Latin letter: what looks like it. Upper and lower case apart, because they may look like different letters. */
const LOOK_ALIKES: readonly [string, string][] = [
  ["a", "АаΑαɑᴀᎪ"],
  ["ae", "ÆæӔӕ"],
  ["b", "ВвΒʙᏴЬьƄ"],
  ["c", "СсϹϲᴄᏟⅭ"],
  ["d", "ԁᴅᎠđĐ"],
  ["e", "ЕеΕεᴇᎬєЄ"],
  ["f", "Ϝꜰƒ"],
  ["g", "ɡɢԌᏀց"],
  ["h", "НнΗʜᎻһҺհ"],
  ["i", "ІіΙιɩıɪӏӀǀ|1lͿᎥ"],
  ["j", "ЈјϳᴊᎫյ"],
  ["k", "КкΚκᴋᏦ"],
  ["l", "łŁʟᏞլ"],
  ["m", "МмΜᴍᎷ"],
  ["n", "Νηᴎɴոƞ"],
  ["o", "ОоΟοσᴏօՕ0øØ०০٥۵"],
  ["oe", "Œœ"],
  ["p", "РрΡρᴘᏢ"],
  ["q", "ԚԛզգՔ"],
  ["r", "гɼʀᎡᏒ"],
  ["s", "ЅѕꜱᏚՏ"],
  ["ss", "ßẞ"],
  ["t", "ТтΤτᴛᎢŧŦ"],
  ["u", "υᴜսՍʋ"],
  ["v", "νѵѴᴠᏙ"],
  ["w", "ԜԝωѡᴡᎳ"],
  ["x", "ХхΧχ×"],
  ["y", "УуΥγʏүҮᎩ"],
  ["z", "ΖᴢᏃ"],
  ["-", "‐‑‒–—―−ー一"],
  ["'", "‘’ʼ′`´"],
];

const LATIN = new Map(
  LOOK_ALIKES.flatMap(([latin, alike]) => Array.from(alike, (one) => [one, latin] as const)),
);

/**
 * What is left of a name when everything that is hard to see is taken away: two names with one
 * skeleton look alike. Not a name itself, never shown.
 */
export function skeleton(name: string): string {
  let out = "";
  for (const character of name
    .normalize("NFKD")
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, "")) {
    out += LATIN.get(character) ?? character;
  }
  let folded = "";
  for (const character of out.toLowerCase()) folded += LATIN.get(character) ?? character;
  return folded.replaceAll("rn", "m").replaceAll("vv", "w");
}
