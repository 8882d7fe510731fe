import { readFileSync } from "node:fs";
import type { Context } from "../context.ts";
import { DONE } from "../exit-status.ts";

export async function version({ out }: Context): Promise<number> {
  const number = packageVersion();
  await out.either("version", { version: number }, number);
  return DONE;
}

/** From the package.json above dist/, where the build puts this code. */
function packageVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
