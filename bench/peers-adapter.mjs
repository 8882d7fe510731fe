// For a harness that compares chats: `export * from "<this file>"` in its adapters folder, after `npm run bench` has bundled the node.
import { open as openNode } from "../build/bench/contestant.js";

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
