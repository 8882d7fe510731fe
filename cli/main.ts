import { readFileSync } from "node:fs";

const usage = `parley: a chat with no server

Usage: parley [--help] [--version]
`;

process.exitCode = run(process.argv.slice(2));

function run(args: readonly string[]): number {
  const [first] = args;
  if (first === "--version") return print(`${version()}\n`);
  if (first === undefined || first === "--help") return print(usage);
  process.stderr.write(`Unknown: ${first}. See parley --help.\n`);
  return 2;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** From the package.json above dist/, where the build puts this file. */
function version(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
