/** The terminal client: takes the terminal, draws, and gives it back as it was, whatever happens. */
import { render } from "ink";
import { StringDecoder } from "node:string_decoder";
import type { ParleyApi } from "../../src/app/api.ts";
import type { Wording } from "../../src/app/words.ts";
import { Client } from "./client.ts";
import { Controller } from "./controller.ts";
import { editExternally } from "./external-editor.ts";
import { Idle } from "./idle.ts";
import { KeyParser } from "./input/keys.ts";
import { readAhead, typedAhead } from "./input/typed-ahead.ts";
import { runPlain } from "./plain.ts";
import type { Next } from "./quit.ts";
import { Screen } from "./view/screen.tsx";

export interface TuiOptions {
  readonly api: ParleyApi;
  readonly room: string;
  /** The network one has gone to from another. */
  readonly entered?: string | undefined;
  /** What was being written when one left the other. */
  readonly draft?: string | undefined;
  /** Plain lines without boxes. */
  readonly screenReader: boolean;
  /** How commands are typed in the shell this was started from. */
  readonly shell: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Given what gives the terminal back: to be called before the process ends, in whatever way. */
  readonly atExit: (restore: () => void) => void;
}

/** A lone Escape is the key when nothing follows for this long. */
const ESCAPE_MS = 40;
const PASTE_ON = "\u001b[?2004h";
const ALTERNATE = "\u001b[?1049h";
const PASTE_OFF = "\u001b[?2004l";
/** Main screen, cursor shown, colours as before. */
const RESTORE = "\u001b[?1049l\u001b[?25h\u001b[0m";

/** Runs until the person leaves. */
export async function runTui(options: TuiOptions): Promise<Next> {
  const { api, room, stdin, stdout, shell } = options;
  const wording: Wording = { slash: true, shell };
  const client = await Client.open({ api, wording, nowMs: () => Date.now() }, room);
  if (options.entered !== undefined)
    client.say("info", `You are in the network ${options.entered} now.`);
  if (options.screenReader) return runPlain(client, options);
  const left = Promise.withResolvers<Next>();
  let restored = false;
  stdin.setRawMode(true);
  stdout.write(PASTE_ON);
  const ahead = await readAhead(stdin);
  const controller = new Controller(client, {
    copy: (text) => stdout.write(`\u001b]52;c;${Buffer.from(text).toString("base64")}\u0007`),
    redraw: () => {
      instance.clear();
      client.changed();
    },
    quit: left.resolve,
    bell: () => stdout.write("\u0007"),
    edited(text) {
      stdin.setRawMode(false);
      stdout.write(PASTE_OFF + RESTORE);
      try {
        return editExternally(text);
      } finally {
        stdin.setRawMode(true);
        stdout.write(ALTERNATE + PASTE_ON);
        instance.clear();
      }
    },
  });
  if (options.draft) controller.write(options.draft);
  const instance = render(<Screen controller={controller} />, {
    stdin,
    stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: true,
    // A held key repeats about 30 times a second: none of its frames waits for the next.
    maxFps: 60,
    alternateScreen: true,
    // There is a terminal: that was looked at. Ink itself would take a set CI variable for none.
    interactive: true,
  });
  const restore = (): void => {
    if (restored) return;
    restored = true;
    instance.unmount();
    stdout.write(PASTE_OFF + RESTORE);
    stdin.setRawMode(false);
    stdin.pause();
  };
  options.atExit(restore);
  const idle = new Idle(client, async () => {
    await client.api.lock();
    left.resolve({ locked: true });
  });
  const stopReading = readKeys(stdin, controller, ahead, () => idle.touched());
  const ticking = setInterval(() => client.changed(), 20_000);
  ticking.unref();
  client.changed();
  const next = await left.promise;
  idle.stop();
  clearInterval(ticking);
  stopReading();
  client.close();
  restore();
  return next && "network" in next ? { ...next, draft: controller.editor.text } : next;
}

/** Feeds the keys of the terminal to the controller. */
function readKeys(
  stdin: NodeJS.ReadStream,
  controller: Controller,
  ahead: readonly Buffer[],
  touched: () => void,
): () => void {
  const parser = new KeyParser();
  const decoder = new StringDecoder("utf8");
  let escape: NodeJS.Timeout | undefined;
  const takeText = (text: string): void => {
    for (const key of parser.feed(text)) controller.handle(key);
  };
  const take = (chunk: Buffer): void => {
    clearTimeout(escape);
    touched();
    takeText(decoder.write(chunk));
    if (!parser.waiting) return;
    escape = setTimeout(() => {
      for (const key of parser.flush()) controller.handle(key);
    }, ESCAPE_MS);
  };
  const typed = typedAhead(decoder.write(Buffer.concat(ahead)));
  if (typeof typed === "string") takeText(typed);
  else controller.handle(typed);
  stdin.on("data", take);
  stdin.resume();
  return () => {
    clearTimeout(escape);
    stdin.off("data", take);
  };
}
