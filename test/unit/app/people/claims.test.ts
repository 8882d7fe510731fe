import { expect, it } from "vitest";
import { Claims } from "../../../../src/app/people/claims.ts";
import { NAMES_CLAIMED_MAX_COUNT } from "../../../../src/core/codec/limits.ts";

const nobody = (): boolean => false;

it("the newest claim counts, and of too many the one made longest ago is forgotten", () => {
  const claims = new Claims();
  claims.take("first", "ana");
  claims.take("second", "bob");
  claims.take("first", "anna");
  expect(claims.of("first", nobody)).toBe("anna");
  for (let i = 2; i < NAMES_CLAIMED_MAX_COUNT; i++) claims.take(`other ${i}`, `name ${i * 7919}`);
  expect(claims.of("second", nobody)).toBe("bob");
  claims.take("one more", "zoe");
  expect(claims.of("second", nobody)).toBeUndefined();
  expect(claims.of("first", nobody)).toBe("anna");
});

it("a claim of nothing visible takes back the one before", () => {
  const claims = new Claims();
  claims.take("ana", "ana");
  claims.take("ana", " \u200b\u202e");
  expect(claims.of("ana", nobody)).toBeUndefined();
});
