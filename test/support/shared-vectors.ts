import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const folder =
  process.env["PARLEY_VECTORS"] ?? resolve(import.meta.dirname, "../../../shared/vectors");

/** Path of a vector file that is not part of the project, or `undefined` where it is missing. */
export function sharedVector(name: string): string | undefined {
  const path = resolve(folder, name);
  return existsSync(path) ? path : undefined;
}

/** A Wycheproof file, as far as the tests here read it. */
export interface Wycheproof<Test, Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly (Group & { readonly tests: readonly Test[] })[];
}

export function readWycheproof<Test, Group>(path: string): Wycheproof<Test, Group> {
  return JSON.parse(readFileSync(path, "utf8")) as Wycheproof<Test, Group>;
}
