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
  readonly work: string;
  /** As the harness prints it. */
  readonly figures: string;
}

/** Works whose last figures count, and the names they have in the harness. */
const WORKS = ["A", "B", "C", "D", "E", "F"];
const ADAPTER = "parley";

export async function runPeers(
  harness: string,
  work: string,
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
  const systems = ["parley", "level", "gossipsub", "hypercore", "cabal", "autobase", "orbitdb"];
  say(`peers: ${systems.join(", ")}`);
  const environment = {
    ...process.env,
    PEERS_TMP: join(work, "peers-modules"),
    PEERS_WORK: join(work, "peers-data"),
    BENCH_LOCK: join(work, "peers.lock"),
    PEERS_DRIVER_NODE: process.execPath,
    PARLEY_DURABILITY: "process",
  };
  await run("sh", [join(folder, "run-all.sh"), "3", ...systems], environment);
  const printed = await run(
    process.execPath,
    [join(folder, "table.mjs"), join(folder, "results")],
    environment,
  );
  return printed
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| system"))
    .map((line) =>
      line
        .split("|")
        .map((cell) => cell.trim())
        .filter((cell) => cell !== ""),
    )
    .map(([system = "", ...figures]) => ({
      system,
      work: WORKS.join(""),
      figures: figures.join(" · "),
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
