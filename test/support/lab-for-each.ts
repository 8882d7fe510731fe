import { afterEach, beforeEach } from "vitest";
import { canMakeLab, Lab } from "./lab.ts";
import { needs } from "./skips.ts";

/** An empty lab for each test of a file; where namespaces cannot be made, its tests are skipped. */
export function labForEach(): () => Lab {
  const able = canMakeLab();
  let lab: Lab | undefined;
  beforeEach(async (context) => {
    needs(context, able, "namespaces");
    lab = await Lab.make();
  });
  afterEach(() => lab?.end());
  return () => lab as Lab;
}
