/** Who is who: names as this person sees them, per room and over all rooms. */
import { fromHex, toHex } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import type { Crypto } from "../core/crypto/port.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import { readContent } from "../core/log/content.ts";
import type { LogEvent } from "../core/log/types.ts";
import { cleanName } from "../core/text/clean.ts";
import { skeleton } from "../core/text/confusable.ts";

/** The names of one room. Keys are identity keys in hex. */
export class RoomNames {
  readonly #names = new Map<
    string,
    { name: string; skeleton: string; moment: number; id: string }
  >();
  readonly #bySkeleton = new Map<string, Set<string>>();

  /** Takes a name event; an older one than the known is passed over. Returns whether the name changed. */
  take(event: LogEvent): boolean {
    const content = readContent(event);
    if (content?.type !== "name") return false;
    const author = toHex(event.root);
    const known = this.#names.get(author);
    const id = toHex(event.id);
    if (known && (known.moment > event.moment || (known.moment === event.moment && known.id >= id)))
      return false;
    const name = cleanName(content.text);
    if (known) this.#bySkeleton.get(known.skeleton)?.delete(author);
    const key = skeleton(name);
    this.#names.set(author, { name, skeleton: key, moment: event.moment, id });
    if (name !== "") {
      const sharers = this.#bySkeleton.get(key) ?? new Set();
      this.#bySkeleton.set(key, sharers.add(author));
    }
    return known?.name !== name;
  }

  /** The cleaned, self-claimed name, or undefined. */
  get(author: string): { name: string; moment: number } | undefined {
    const known = this.#names.get(author);
    return known && known.name !== "" ? known : undefined;
  }

  ofRoot(root: Uint8Array): { name: string; moment: number } | undefined {
    return this.get(toHex(root));
  }

  /** Whether another identity of this room bears a look-alike name. */
  confusable(author: string): boolean {
    const known = this.#names.get(author);
    return known !== undefined && (this.#bySkeleton.get(known.skeleton)?.size ?? 0) > 1;
  }

  authors(): string[] {
    return [...this.#names.keys()];
  }
}

/** Fingerprints, remembered: each costs a hash. */
export class Fingerprints {
  readonly #crypto: Crypto;
  readonly #known = new Map<string, string>();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  of(author: string): string {
    let known = this.#known.get(author);
    if (known === undefined) {
      known = fingerprint(this.#crypto, fromHex(author));
      if (this.#known.size >= 10_000) this.#known.clear();
      this.#known.set(author, known);
    }
    return known;
  }
}

/** Somebody as a client may name them. */
export interface Person {
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
}

/**
 * Finds one person by name, fingerprint, or key prefix of ≥ 8 hex digits.
 * @throws ParleyError `unknown-person`, `ambiguous-person` (names the candidates)
 */
export function findPerson(who: string, people: readonly Person[]): Person {
  const wanted = who.startsWith("@") ? who.slice(1) : who;
  const lower = wanted.toLowerCase();
  const isKey = /^[0-9a-f]{8,64}$/.test(lower);
  const matches = people.filter(
    (person) =>
      person.fingerprint.toLowerCase() === lower ||
      person.name.toLowerCase() === lower ||
      (isKey && person.author.startsWith(lower)),
  );
  if (matches.length > 1) {
    const candidates = matches.map((person) => `${person.name} · ${person.fingerprint}`).join(", ");
    throw new ParleyError(
      "ambiguous-person",
      `More than one person fits "${who}": ${candidates}.`,
      {
        hint: "Use the fingerprint.",
      },
    );
  }
  const [found] = matches;
  if (!found) {
    throw new ParleyError("unknown-person", `Nobody known here is called "${who}".`, {
      hint: "A name, a fingerprint such as 4F2K-9QXT, or at least 8 digits of the identity key.",
    });
  }
  return found;
}
