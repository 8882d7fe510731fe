/** Vectors of our own: bytes that must never change unnoticed. */
import { readRepo } from "./repo.ts";

export function readVectors(name: string): unknown {
  return JSON.parse(readRepo(`test/vectors/${name}.json`));
}
