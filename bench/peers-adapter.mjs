// For a harness that compares chats: `export * from "<this file>"` in its adapters folder, after `npm run bench` has bundled the node.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// As the program does: compiled code is kept between starts.
enableCompileCache(fileURLToPath(new URL("../build/bench/compiled", import.meta.url)));
const { open: openNode } = await import("../build/bench/contestant.js");

export const meta = {
  system:
    process.env.PARLEY_DURABILITY === "process"
      ? "parley (not synced)"
      : "parley (each message synced)",
  packages: ["libp2p", "@libp2p/gossipsub", "level"],
  signed: true,
  persists: true,
  network: true,
};

export const open = (options) =>
  openNode({ durability: process.env.PARLEY_DURABILITY ?? "sync", ...options });
