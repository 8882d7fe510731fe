/** `parley` without a command: the chat. On a terminal the terminal client, otherwise line mode. */
import { userInfo } from "node:os";
import { OFFLINE_LINE } from "../../src/app/words.ts";
import { isParleyError, ParleyError } from "../../src/core/codec/errors.ts";
import type { Session } from "../../src/node/index.ts";
import { canAsk, type Context, profileFlags } from "../context.ts";
import { converting } from "../converting.ts";
import { DONE } from "../exit-status.ts";
import { lineMode } from "../line-mode.ts";
import { newPassphrase, passphraseFrom } from "../passphrase.ts";
import { ask, askSecret } from "../prompt.ts";
import { linkHere } from "./init.ts";

export interface ClientFlags {
  readonly room?: string;
  /** Seconds. */
  readonly wait?: number;
  readonly screenReader: boolean;
}

export async function client(context: Context, flags: ClientFlags): Promise<number> {
  await ensureIdentity(context);
  if (!isTerminal(context)) return lineMode(context, flags);
  // Loaded while the node starts: both take a while.
  const loading = import("../tui/index.tsx");
  let network: string | undefined;
  let room = flags.room;
  let typed: string | undefined;
  let draft: string | undefined;
  for (;;) {
    const session = await openScreen(context, network, typed);
    const close = (): Promise<void> => session.close();
    context.lifetime.atExit(close);
    const { runTui } = await loading;
    const next = await runTui({
      api: session.api,
      room: room ?? "lobby",
      entered: network,
      draft,
      screenReader: flags.screenReader,
      shell: context.wording.shell,
      stdin: process.stdin,
      stdout: process.stdout,
      atExit: (restore) => context.lifetime.atExit(restore),
    });
    if (next === undefined) break;
    // A room that was asked for at the start was meant for the network of then.
    room = undefined;
    await close();
    if ("network" in next) ({ network, draft } = next);
    else typed = await unlock(context);
  }
  context.out.say(OFFLINE_LINE);
  return DONE;
}

/** Asks until the passphrase is right, also where a file had unlocked it. */
async function unlock(context: Context): Promise<string> {
  const node = await context.node();
  context.out.say("Locked. Ctrl-C leaves.");
  for (;;) {
    const passphrase = await askSecret("Passphrase: ");
    try {
      await node.checkPassphrase({ ...profileFlags(context), passphrase: async () => passphrase });
      return passphrase;
    } catch (error) {
      if (!isParleyError(error, "wrong-passphrase")) throw error;
      context.out.say(error.message);
    }
  }
}

/** A session for a screen. @param network in which; the one of the flags and settings by default */
async function openScreen(
  context: Context,
  network: string | undefined,
  typed: string | undefined,
): Promise<Session> {
  const node = await context.node();
  let drawn = false;
  const passphrase = typed === undefined ? passphraseFrom(context) : async () => typed;
  const session = await node.openBackground({
    ...profileFlags(context),
    ...(network === undefined ? {} : { network }),
    online: true,
    converting: converting(context).told,
    passphrase: () =>
      drawn && typed === undefined && context.flags.passphraseFile === undefined
        ? locked()
        : passphrase(),
  });
  drawn = true;
  return session;
}

/** A screen has the keyboard: nothing can be asked. */
function locked(): Promise<never> {
  return Promise.reject(
    new ParleyError("passphrase-needed", "This identity is locked with a passphrase."),
  );
}

/** Whether there is a screen to draw on and a keyboard to read from. */
function isTerminal({ out, flags }: Context): boolean {
  return (
    !out.json &&
    flags.input &&
    process.stdin.isTTY &&
    process.stdout.isTTY &&
    process.env["TERM"] !== "dumb"
  );
}

/** The first run makes the identity: a person is asked for a name and nothing else. */
export async function ensureIdentity(context: Context): Promise<void> {
  const node = await context.node();
  if (await node.hasIdentity(profileFlags(context))) return;
  const name = canAsk(context) ? await askName() : nameOfEnvironment();
  // Somebody who has a device already was told to paste its ticket where parley asks.
  if (await node.isDeviceTicket(name)) return linkHere(context, name, {});
  const passphrase = newPassphrase(context, false);
  const { identity } = await node.createIdentity({
    ...profileFlags(context),
    name,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  if (!canAsk(context))
    context.out.say(`A new identity was made: ${identity.name} · ${identity.fingerprint}.`);
  context.out.say("Your recovery phrase is kept with it: {parley id backup} shows it.");
}

async function askName(): Promise<string> {
  for (;;) {
    const name = (await ask("What shall others call you? ")).trim();
    if (name !== "") return name;
  }
}

function nameOfEnvironment(): string {
  const given = process.env["PARLEY_NAME"]?.trim() ?? "";
  if (given !== "") return given;
  try {
    return userInfo().username;
  } catch {
    // Containers run under user ids that nobody has named.
    throw new ParleyError("bad-name", "No name was given.", {
      hint: "Set PARLEY_NAME, or type {parley init --name NAME}",
    });
  }
}
