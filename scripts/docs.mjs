/**
 * The pages of docs/ that are written by a program: `npm run docs` writes them, a test compares
 * them. Each is a function of the project's root to its text.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { sourcesIn } from "./layers.mjs";

export const generatedPages = {
  "docs/limits.md": limitsPage,
  "docs/errors.md": errorsPage,
  "docs/adr/README.md": decisionsPage,
};

const LIMITS = "src/core/codec/limits.ts";

async function limitsPage(root) {
  const source = readFileSync(join(root, LIMITS), "utf8");
  const values = await import(pathToFileURL(join(root, LIMITS)).href);
  const sections = source.split(/^\/\/ --- /m).slice(1);
  return [
    "# Limits",
    `Every bound of parley, from [limits.ts](../${LIMITS}). Written by \`npm run docs\`; units are the last word of a name.`,
    ...sections.map((section) => limitsSection(root, section, values)),
  ].join("\n\n");
}

function limitsSection(root, section, values) {
  const [heading] = section.split("\n");
  const bounds = [
    ...section.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^export const (\w+)/gm),
  ];
  const rows = bounds.map(([, comment, name]) => {
    if (comment === undefined) throw new Error(`${name} in ${LIMITS} says nothing about itself`);
    const why = comment
      .replaceAll(/\s*\n\s*\*\s*/g, " ")
      .trim()
      .replaceAll("|", "\\|");
    return `| \`${name}\` | ${readable(name, values[name])} | ${why} |`;
  });
  const title = heading[0].toUpperCase() + heading.slice(1);
  return [
    `## ${linked(root, title)}`,
    ["| name | value | why |", "| --- | --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

/** A page of the specification that a heading names becomes a link once it exists. */
function linked(root, heading) {
  return heading.replaceAll(/spec\/[\w-]+\.md/g, (path) =>
    existsSync(join(root, "docs", path)) ? `[${path}](${path})` : path,
  );
}

function readable(name, value) {
  const exact = typeof value === "number" ? value.toLocaleString("en-US") : String(value);
  if (name.endsWith("_BYTES") && value >= 1024 && value % 1024 === 0) {
    return value % 2 ** 20 === 0
      ? `${exact} (${value / 2 ** 20} MiB)`
      : `${exact} (${value / 1024} KiB)`;
  }
  if (name.endsWith("_MS")) {
    for (const [unit, ms] of [
      ["h", 3_600_000],
      ["min", 60_000],
      ["s", 1000],
    ]) {
      if (value >= ms && value % ms === 0) return `${exact} (${value / ms} ${unit})`;
    }
  }
  return exact;
}

/** Codes and sentences are written out wherever an error is made, so they can be collected. */
async function errorsPage(root) {
  const { exitStatusOf } = await import(pathToFileURL(join(root, "cli/exit-status.ts")).href);
  const sentences = new Map();
  for (const file of [...sourcesIn(root, "src"), ...sourcesIn(root, "cli")]) {
    for (const [, code, , text] of readFileSync(join(root, file), "utf8").matchAll(
      /new ParleyError\(\s*"([a-z0-9-]+)",\s*(["`])((?:(?!\2)[^\\]|\\.)*)\2/g,
    )) {
      const said = text.replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, "…").replaceAll(/\\(.)/g, "$1");
      sentences.set(code, (sentences.get(code) ?? new Set()).add(said.replaceAll("|", "\\|")));
    }
  }
  const rows = [...sentences]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, said]) => `| \`${code}\` | ${exitStatusOf(code)} | ${[...said].join("<br>")} |`);
  return [
    "# Errors",
    "What parley can answer, in text and with `--json` as `code` on standard error. A code never changes its meaning; sentences may. Written by `npm run docs` from the places that make them.",
    ["| code | exit status | says |", "| --- | --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

function decisionsPage(root) {
  const folder = join(root, "docs/adr");
  const files = readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.md$/.test(file))
    .sort();
  const rows = files.map((file) => {
    const title = readFileSync(join(folder, file), "utf8").match(/^# (.+)$/m)?.[1] ?? file;
    return `- [${file.slice(0, 4)}](${file}) ${title.replace(/^(ADR )?\d+[.:]? */, "")}`;
  });
  return [
    "# Decisions",
    "Each decision a reader would question, with what led to it. Written by `npm run docs`.",
    rows.join("\n"),
  ].join("\n\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  for (const [page, text] of Object.entries(generatedPages)) {
    writeFileSync(join(root, page), `${await text(root)}\n`);
  }
}
