import { ParleyError } from "../../core/codec/errors.ts";

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
        hint: `Say which by the fingerprint, such as ${matches[0]?.fingerprint}; {parley people name ${matches[0]?.fingerprint} NAME|/petname ${matches[0]?.fingerprint} NAME} calls that one as you like.`,
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
