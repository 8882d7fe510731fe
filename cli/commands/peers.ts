import { counted } from "../../src/core/text/counted.ts";
import type { ParleyApi, PeerInfo } from "../../src/app/api.ts";
import { type Context, openSession } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";

/** How long a node that has just begun gets to find somebody. */
const SEARCH_MS = 5_000;

export async function peers(context: Context): Promise<number> {
  const { out } = context;
  const { api, how } = await openSession(context, true);
  const list = how === "own" ? await search(api) : await api.peers();
  if (out.json) {
    for (const peer of list) await out.object("peer", peer);
    return DONE;
  }
  for (const line of table(list.map(row))) await out.line(line);
  if (list.length === 0)
    out.say("Nobody is connected. {parley address} gives a line to send to a friend.");
  return DONE;
}

/** The peers as soon as one is known by name, or those there are when the time is over. */
function search(api: ParleyApi): Promise<readonly PeerInfo[]> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(patience);
      unsubscribe();
      api.peers().then(resolve, reject);
    };
    const patience = setTimeout(finish, SEARCH_MS);
    const unsubscribe = api.subscribe((event) => {
      if (event.type === "closed") finish();
      if (event.type === "peers" && event.peers.some(({ author }) => author !== "")) finish();
    });
  });
}

export function row(peer: PeerInfo): string[] {
  const where = {
    machine: "this machine",
    lan: "LAN",
    direct: "direct",
    relayed: "through a relay",
  };
  return [
    peer.name === "" ? "(not known yet)" : peer.name,
    peer.fingerprint,
    where[peer.how],
    peer.latencyMs === null ? "" : `${Math.round(peer.latencyMs)} ms`,
    peer.rooms.length === 0 ? counted(0, "shared room") : peer.rooms.join(" "),
    peer.peerId,
  ];
}
