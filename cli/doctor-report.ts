/** What a person may send to somebody who helps: every verdict, and nothing of who and where they are. */
import { counted } from "../src/core/text/counted.ts";
import type { Check, StatusInfo } from "../src/app/api.ts";
import { Redactor } from "../src/app/doctor/redact.ts";
import { wordCommands } from "../src/app/words.ts";

const WORDING = { slash: false, shell: "parley" };

export function report(status: StatusInfo, checks: readonly Check[]): string {
  const redactor = new Redactor();
  const peers = status.peers.map(
    ({ how, direction, latencyMs, address }) =>
      `  ${how} ${direction} ${latencyMs === null ? "?" : Math.round(latencyMs)} ms ${address}`,
  );
  const lines = [
    `parley ${status.version}, report made ${new Date().toISOString().slice(0, 16)}Z`,
    `network ${status.networkState}, ${counted(status.peers.length, "peer")}, ${counted(status.rooms.length, "room")}`,
    ...checks.map(({ name, ok, text }) => `${mark(ok)} ${name}: ${wordCommands(text, WORDING)}`),
    "addresses",
    ...status.addresses.map((address) => `  ${address}`),
    "peers",
    ...peers,
  ];
  return lines.map((line) => redactor.redact(line)).join("\n");
}

function mark(ok: boolean | null): string {
  return ok === null ? "–" : ok ? "✓" : "✗";
}
