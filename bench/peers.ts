/**
 * Other chats on the same work, by a harness outside this project. The folder must hold `run-all.sh REPS SYSTEM…`, `table.mjs
 * RESULTS` and `adapters/NAME.mjs`, each exporting what bench/peers-adapter.mjs exports; results go to `results/`. It is copied, never
 * written to.
 */
import { spawn } from "node:child_process";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface PeerRow {
  readonly system: string;
  /** As the harness prints them, by its columns. */
  readonly figures: Readonly<Record<string, string>>;
}

const ADAPTER = "parley";
const SYSTEMS = [ADAPTER, "level", "gossipsub", "hypercore", "cabal", "autobase", "orbitdb"];

export async function runPeers(
  harness: string,
  work: string,
  rounds: number,
  say: (words: string) => void,
): Promise<PeerRow[]> {
  const folder = join(work, "peers");
  cpSync(harness, folder, { recursive: true });
  const adapter = pathToFileURL(join(import.meta.dirname, "peers-adapter.mjs")).href;
  writeFileSync(
    join(folder, "adapters", `${ADAPTER}.mjs`),
    `export * from ${JSON.stringify(adapter)};\n`,
  );
  for (const old of readdirSync(join(folder, "results")))
    if (old.endsWith(".json"))
      writeFileSync(
        join(folder, "results", old),
        JSON.stringify({ adapter: old.slice(0, -5), runs: [] }),
      );
  say(`peers: ${SYSTEMS.join(", ")}`);
  const environment = {
    ...process.env,
    PEERS_TMP: join(work, "peers-modules"),
    PEERS_WORK: join(work, "peers-data"),
    BENCH_LOCK: join(work, "peers.lock"),
    PEERS_DRIVER_NODE: process.execPath,
    PARLEY_DURABILITY: "process",
  };
  await run("sh", [join(folder, "run-all.sh"), String(rounds), ...SYSTEMS], environment);
  const printed = await run(
    process.execPath,
    [join(folder, "table.mjs"), join(folder, "results")],
    environment,
  );
  const [head = [], ...rows] = printed
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  // The last column counts the runs: of the systems left out there are none.
  const ran = rows.filter((cells) => /[1-9]/.test(cells.at(-1) ?? ""));
  return ran.map(([system = "", ...cells]) => ({
    system,
    figures: Object.fromEntries(cells.map((cell, i) => [head[i + 1] ?? "", cell])),
  }));
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${command} ${args.join(" ")} ended with ${code}`)),
    );
  });
}
