/**
 * Who may import whom. Project references make `tsc -b` refuse every import that goes upwards, but
 * they see through what they reference: a layer could reach past its neighbour to what that one
 * uses. So the plan is also held against each import as it is written, and against packages.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

const base = ["codec", "crypto", "identity", "log", "text", "room", "network"].map(
  (it) => `src/core/${it}`,
);
const [codec, crypto, identity, log, text, room, network] = base;
const ports = "src/core";
const sync = "src/core/sync";

/** Folder of a layer → the folders it may import from. `src/core` itself holds the ports only. */
export const layers = {
  [codec]: [],
  [crypto]: [codec],
  [identity]: [codec, crypto],
  [log]: [codec, crypto, identity],
  [text]: [codec],
  [room]: [codec, crypto, identity, log, text],
  [network]: [codec, crypto, identity, log, text, room],
  [ports]: [codec, crypto, identity, log],
  [sync]: [codec, crypto, identity, log, room, ports],
  "src/network": [...base, ports],
  "src/storage": [...base, ports],
  "src/app": [...base, ports, sync],
  "src/node": [...base, ports, sync, "src/app", "src/network", "src/storage"],
  "cli/tui": [codec, text, "src/app"],
  cli: [codec, text, "src/app", "src/node", "cli/tui"],
};

/** The layers that run anywhere, and the only packages they may use. */
export const pureLayers = [...base, ports, sync, "src/app"];
const purePackages = /^(@noble\/|@scure\/|tweetnacl$)/;

/** Packages that one layer keeps to itself. */
const owned = [
  { packages: /^(libp2p$|@libp2p\/|@chainsafe\/|@multiformats\/|multiformats)/, by: "src/network" },
  { packages: /^(level$|abstract-level|classic-level)/, by: "src/storage" },
  { packages: /^(ink|react)(\/|$)/, by: "cli/tui" },
  { packages: /^commander$/, by: "cli" },
];

const imported =
  /^\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/gm;

/** One sentence for each import under `root` that the plan does not allow. */
export function forbiddenImports(root) {
  const found = [];
  for (const top of ["src", "cli"]) {
    for (const file of sourcesIn(root, top)) {
      for (const [, from, called] of readFileSync(join(root, file), "utf8").matchAll(imported)) {
        const why = refusal(file, from ?? called);
        if (why !== undefined) found.push(`${file} imports ${from ?? called}: ${why}`);
      }
    }
  }
  return found;
}

function refusal(file, specifier) {
  const layer = layerOf(file);
  if (layer === undefined) return "the file lies in no layer";
  if (specifier.startsWith(".")) {
    const target = layerOf(posix.join(posix.dirname(file), specifier));
    if (target === layer || layers[layer].includes(target)) return undefined;
    return `${layer} may not know ${target ?? "what lies outside the layers"}`;
  }
  if (pureLayers.includes(layer) && !purePackages.test(specifier)) {
    return `${layer} runs anywhere and takes no such package`;
  }
  const owner = owned.find(({ packages }) => packages.test(specifier))?.by;
  return owner === undefined || owner === layer ? undefined : `only ${owner} knows this package`;
}

/** The longest layer that holds the file; of `src/core` itself only interfaces.ts. */
function layerOf(file) {
  if (file === "src/core/interfaces.ts") return ports;
  const holds = Object.keys(layers).filter((it) => it !== ports && file.startsWith(`${it}/`));
  return holds.sort((a, b) => b.length - a.length)[0];
}

/** Paths of all TypeScript files in a folder, relative to `root`. */
export function sourcesIn(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(root, path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
