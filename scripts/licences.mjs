/** The licence notices of every package whose code is in the bundle, as their licences ask. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const texts = new URL("licence-texts/", import.meta.url);
/** Standard texts for packages that name a licence and bring no file of it; the first that fits. */
const standard = ["MIT", "Apache-2.0"];

/** One text for dist/, from esbuild's list of what went in. Throws where a package names no licence. */
export function licenceNotices(root, metafile) {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => packageFolder(file)),
  );
  const folders = [...new Set(used.filter((folder) => folder !== undefined))].sort();
  const notices = new Set(folders.map((folder) => notice(join(root, folder))));
  return [
    "parley contains code of these packages.",
    ...notices,
    ...standard.map((name) => readFileSync(new URL(`${name}.txt`, texts), "utf8").trim()),
  ].join(`\n\n${"-".repeat(80)}\n`);
}

function packageFolder(file) {
  return file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
}

function notice(folder) {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  if (license === undefined) throw new Error(`${name} names no licence`);
  const who = typeof author === "object" ? author.name : author;
  const own = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  if (own.length === 0) own.push(reference(name, license));
  return [`${name} ${version} (${license})${who ? `, ${who}` : ""}`, ...own].join("\n\n");
}

function reference(name, license) {
  const fits = standard.find((one) => license.split(/[()\s]+/).includes(one));
  if (fits === undefined) throw new Error(`${name} brings no text of its licence, ${license}`);
  return `Used under ${fits}; its text is at the end of this file.`;
}
