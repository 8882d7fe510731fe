/** `npm run check`: types, lint, format and unused code. Plain JS for Node 18 and later. */
import { checks, runChecks } from "./checks.mjs";
import { makeReady, root } from "./ready.mjs";

try {
  makeReady("checking");
  const failed = await runChecks(root);
  console.log(
    failed.length === 0 ? `All ${checks.length} checks pass.` : `Failed: ${failed.join(", ")}.`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
