/**
 * Counts for the last line of `npm test`, left as JSON in the file PARLEY_TEST_RESULT names.
 * Counted as failed besides failing tests: a file that could not be loaded, a skip without a
 * listed reason, and a project in which no test was found.
 */
import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { isListedSkip } from "./skips.ts";

/** Projects of vitest.config.mjs that have tests; an empty one means that tests got lost. */
const expectedProjects = (process.env["PARLEY_TEST_PROJECTS"] ?? "unit,e2e").split(",");

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export default class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: errors.length, skipped: 0 };
    const seen = new Set<string>();
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        seen.add(module.project.name);
        count(counts, test);
      }
    }
    for (const project of expectedProjects.filter((name) => !seen.has(name))) {
      counts.failed += 1;
      console.log(`✗ no test was found in the project ${project}`);
    }
    const file = process.env["PARLEY_TEST_RESULT"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}

function count(counts: Counts, test: TestCase): void {
  const result = test.result();
  if (result.state === "passed") {
    counts.passed += 1;
    if (test.diagnostic()?.flaky) {
      const why = result.errors?.[0]?.message ?? "";
      const name = `${test.module.moduleId}: ${test.fullName}`;
      console.log(`! passed at a further attempt, mend it: ${name}\n${why}`);
    }
  } else if (result.state === "skipped" && isListedSkip(result.note)) {
    counts.skipped += 1;
    console.log(`- skipped: ${test.fullName} (${result.note})`);
  } else {
    counts.failed += 1;
    if (result.state !== "failed") {
      const why = result.state === "skipped" ? "skipped without a listed reason" : "never ran";
      console.log(`✗ ${why}: ${test.module.moduleId}: ${test.fullName}`);
    }
  }
}
