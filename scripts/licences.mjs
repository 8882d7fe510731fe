/** The licence notices of every package whose code is in the bundle, as their licences ask. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One text for dist/, from esbuild's list of what went in. Throws where a package names no licence. */
export function licenceNotices(root, metafile) {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => packageFolder(file)),
  );
  const folders = [...new Set(used.filter((folder) => folder !== undefined))].sort();
  const notices = folders.map((folder) => notice(join(root, folder)));
  return ["parley contains code of these packages.", ...notices].join(`\n\n${"-".repeat(80)}\n`);
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
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  const head = `${name} ${version} (${license})${who ? `, ${who}` : ""}`;
  return [head, ...texts].join("\n\n");
}
