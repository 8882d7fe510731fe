/** What every command is given. */
import { styleText } from "node:util";
import type { ParleyApi } from "../src/app/api.ts";
import type { Wording } from "../src/app/words.ts";
import type { Lifetime } from "./lifetime.ts";
import type * as nodeModule from "../src/node/index.ts";
import type { ProfileFlags, Session } from "../src/node/index.ts";
import { converting } from "./converting.ts";
import type { Output } from "./output.ts";
import { passphraseFrom } from "./passphrase.ts";

/** The flags that stand before or behind any command. */
export interface GlobalFlags extends ProfileFlags {
  readonly json: boolean;
  readonly quiet: boolean;
  /** False with --no-color. */
  readonly color: boolean;
  /** False with --no-input: never ask, fail instead. */
  readonly input: boolean;
  readonly passphraseFile?: string;
}

export interface Context {
  readonly flags: GlobalFlags;
  readonly out: Output;
  readonly wording: Wording;
  readonly lifetime: Lifetime;
  /** Loads what opens stores and sockets; the first call costs time. */
  readonly node: () => Promise<NodeModule>;
}

/** What the machine offers: stores, sockets, identities. */
export type NodeModule = typeof nodeModule;

type Style = Parameters<typeof styleText>[0];

/** A running node, or the store itself for as long as the process runs. Closed at the end. */
export async function openSession(context: Context, online: boolean): Promise<Session> {
  const node = await context.node();
  const passphrase = passphraseFrom(context);
  const session = await node.openSession({
    ...profileFlags(context),
    online,
    passphrase,
    converting: converting(context).told,
  });
  context.lifetime.atExit(() => session.close());
  return session;
}

/** The interface of parley for a command that only reads or writes the store. */
export async function openStore(context: Context): Promise<ParleyApi> {
  return (await openSession(context, false)).api;
}

/** What the flags say about the profile, without those that were not given. */
export function profileFlags({ flags }: Context): ProfileFlags {
  const { home, profile, network, localOnly } = flags;
  return {
    ...(home === undefined ? {} : { home }),
    ...(profile === undefined ? {} : { profile }),
    ...(network === undefined ? {} : { network }),
    ...(localOnly === undefined ? {} : { localOnly }),
  };
}

/** Whether a person is there to be asked. */
export function canAsk({ flags }: Context): boolean {
  return flags.input && process.stdin.isTTY && process.stderr.isTTY;
}

/** Colours a piece of text for stdout, where that is a terminal that wants colours. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}
