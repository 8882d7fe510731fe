/** Takes out of a text what says who somebody is, where they live on the network, and which rooms they are in. */

const PATTERNS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  [
    "path",
    /(?<![\w/])(?:\/(?:home|Users|root|tmp|var|etc|opt|mnt|srv)\/[^\s:;,)]*|[A-Z]:\\[^\s:;,)]*)/g,
  ],
  ["peer", /\b(?:12D3Koo|Qm)[1-9A-HJ-NP-Za-km-z]{30,}\b/g],
  ["key", /\b[0-9a-f]{16,}\b/gi],
  ["fingerprint", /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/g],
  ["host", /(?<=\/dns(?:4|6|addr)?\/)[^/\s]+/g],
  [
    "private-address",
    /\b(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}\b/g,
  ],
  ["address", /\b\d{1,3}(?:\.\d{1,3}){3}\b/g],
  ["address", /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}[0-9a-f]{0,4}(?:::[0-9a-f:]*)?(?![\w:])/gi],
  ["room", /#[\p{L}\p{N}][\p{L}\p{N}\-_.]*/gu],
];

/** One person's report: the same thing has the same stand-in throughout. */
export class Redactor {
  readonly #standIns = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  redact(text: string): string {
    let out = text;
    for (const [kind, pattern] of PATTERNS)
      out = out.replaceAll(pattern, (found) => this.#standIn(kind, found));
    return out;
  }

  #standIn(kind: string, found: string): string {
    const known = this.#standIns.get(found);
    if (known !== undefined) return known;
    const number = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, number);
    const made = `<${kind} ${number}>`;
    this.#standIns.set(found, made);
    return made;
  }
}
