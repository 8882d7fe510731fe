import type { Notice } from "../../src/app/api.ts";
import { type Context, profileFlags } from "../context.ts";
import { converting } from "../converting.ts";
import { DONE } from "../exit-status.ts";
import { passphraseFrom } from "../passphrase.ts";

export interface NodeCommandFlags {
  readonly listen?: readonly string[];
  readonly announce?: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly relay?: boolean;
  readonly bootstrapNode?: boolean;
  readonly metricsPort?: number;
  readonly untilIdle?: boolean;
}

export async function node(context: Context, flags: NodeCommandFlags): Promise<number> {
  const { out, lifetime } = context;
  lifetime.endsBySigterm();
  const port = await context.node();
  const running = await port.runNode({
    ...profileFlags(context),
    passphrase: passphraseFrom(context),
    converting: converting(context).told,
    online: true,
    listen: flags.listen ?? [],
    announce: flags.announce ?? [],
    bootstrap: flags.bootstrap ?? [],
    relay: flags.relay === true,
    bootstrapNode: flags.bootstrapNode === true,
    metricsPort: flags.metricsPort,
    untilIdle: flags.untilIdle === true,
    waiting: () => out.say("Another command has this profile open; waiting until it is done …"),
  });
  lifetime.atExit(() => running.stop());
  const { api, socket, metricsPort } = running;
  const said = (notice: Notice): void => out.notice(notice);
  lifetime.atExit(
    api.subscribe((event) => {
      if (event.type === "notice") said(event.notice);
    }),
  );
  const { peerId, addresses, profile, network, pid, notices, name, fingerprint } =
    await api.status();
  const ready = {
    peerId,
    addresses,
    profile,
    network,
    socket,
    pid,
    name,
    fingerprint,
    ...(metricsPort === undefined ? {} : { metricsPort }),
  };
  await out.either(
    "ready",
    ready,
    `parley runs as ${name} · ${fingerprint} on ${addresses.join(" ")}`,
  );
  for (const notice of notices) said(notice);
  if ((await running.stopped) === "locked")
    out.say(
      "Locked, because no client was here for as long as was set. {parley node} starts it again.",
    );
  return DONE;
}
