import { expect, it } from "vitest";
import { ParleyError } from "../../../../src/core/codec/errors.ts";
import { findPerson, type Person } from "../../../../src/app/people/find-person.ts";

const [one, other]: Person[] = [
  { author: "a1".repeat(32), name: "bob", fingerprint: "4F2K-9QXT" },
  { author: "b2".repeat(32), name: "Bob", fingerprint: "77AA-BBCC" },
];

it("of two with one name both are named, and how to tell them apart", () => {
  const people = [one, other] as Person[];
  expect(findPerson("@4f2k-9qxt", people)).toBe(one);
  expect(findPerson("b2b2b2b2", people)).toBe(other);
  let said: unknown;
  try {
    findPerson("@bob", people);
  } catch (error) {
    said = error;
  }
  expect(said).toBeInstanceOf(ParleyError);
  expect(said).toMatchObject({
    code: "ambiguous-person",
    message: 'More than one person fits "@bob": bob · 4F2K-9QXT, Bob · 77AA-BBCC.',
    hint: expect.stringContaining("such as 4F2K-9QXT; {parley people name 4F2K-9QXT NAME|"),
  });
});
