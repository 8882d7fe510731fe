import { counted } from "../../../src/core/text/counted.ts";
import { Text } from "ink";
import type { PeerInfo } from "../../../src/app/api.ts";
import { roomTitle } from "../../../src/app/words.ts";
import type { Controller } from "../controller.ts";

const TOPIC_LENGTH = 32;

/** Room, what is below, peers and how they are reached, where the own last message stands, the time. */
export function StatusLine({
  controller,
  width,
}: {
  readonly controller: Controller;
  readonly width: number;
}) {
  const { client } = controller;
  const { window, info } = client.view;
  const parts = [
    info.topic ? `${info.room}: ${shortened(info.topic)}` : roomTitle(info),
    // A narrow screen cuts the end off: what one would miss stands first.
    ...(window.newBelow > 0 ? [`↓ ${window.newBelow} new`] : []),
    ...(window.newBelow > 0 || window.atBottom ? [] : ["↓ newest: Alt+End"]),
    client.closed === undefined ? connection(client.peers, info.here) : `stopped: ${client.closed}`,
    ...(client.standing === undefined ? [] : [`last: ${client.standing}`]),
    ...(info.pending > (client.standing === "pending" ? 1 : 0) ? [`${info.pending} pending`] : []),
    ...(client.progress === undefined ? [] : [client.progress]),
    ...(controller.mode.type === "pick" ? ["↑↓ choose, Enter copies, Esc"] : []),
    clock(client.nowMs()),
  ];
  const text = ` ${parts.join(" · ")}`;
  return (
    <Text inverse wrap="truncate-end">
      {text.padEnd(width)}
    </Text>
  );
}

const WAYS = { machine: "this machine", lan: "lan", direct: "direct", relayed: "relayed" } as const;

/** So that the rest of the line is seen. */
function shortened(topic: string): string {
  return topic.length <= TOPIC_LENGTH ? topic : `${topic.slice(0, TOPIC_LENGTH - 1)}…`;
}

/** "3 peers (2 lan, 1 direct), 2 here"; "1 peer (lan), 1 here". */
function connection(peers: readonly PeerInfo[], here: number): string {
  if (peers.length === 0) return "nobody connected";
  const ways = new Map<PeerInfo["how"], number>();
  for (const { how } of peers) ways.set(how, (ways.get(how) ?? 0) + 1);
  const counts = ways.size > 1;
  const reached = [...ways]
    .map(([how, count]) => (counts ? `${count} ` : "") + WAYS[how])
    .join(", ");
  return `${counted(peers.length, "peer")} (${reached}), ${here} here`;
}

function clock(nowMs: number): string {
  const time = new Date(nowMs);
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}
