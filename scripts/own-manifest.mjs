/**
 * An esbuild plugin: a package that reads its own package.json when it is loaded finds none beside the bundle. It gets what it
 * would have read.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const READS_IT = /\breq\((['"])(\.\.\/\.\.\/package\.json)\1\)/g;

export const ownManifest = {
  name: "own-manifest",
  setup(build) {
    build.onLoad({ filter: /[\\/]@achingbrain[\\/]ssdp[\\/].*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      return {
        contents: source.replace(READS_IT, (_call, _quote, file) =>
          manifestAt(resolve(path, "..", file)),
        ),
        loader: "js",
      };
    });
  },
};

function manifestAt(file) {
  const { name, version } = JSON.parse(readFileSync(file, "utf8"));
  return JSON.stringify({ name, version });
}
