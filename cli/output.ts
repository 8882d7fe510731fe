/** Where a command's words go: data to stdout, words about it to stderr. */
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Notice } from "../src/app/api.ts";
import { type Wording, wordCommands } from "../src/app/words.ts";
import { isParleyError, type ParleyError } from "../src/core/codec/errors.ts";

export interface OutputOptions {
  /** One JSON object a line instead of text. */
  readonly json: boolean;
  /** Nothing on stderr but errors. */
  readonly quiet: boolean;
  readonly wording: Wording;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Version of the JSON that scripts rely on: docs/guide/command-line.md. */
const JSON_VERSION = 1;

export class Output {
  readonly json: boolean;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.#options = options;
  }

  /** A line of data. Resolves when the next may follow, so that a slow reader never fills the memory. */
  async line(text: string): Promise<void> {
    if (!this.#options.stdout.write(`${text}\n`)) await once(this.#options.stdout, "drain");
  }

  /** An object of data as a line. */
  object(type: string, fields: object): Promise<void> {
    return this.line(jsonLine(type, fields));
  }

  /** The object with --json, the text without. */
  async either(type: string, fields: object, text: string): Promise<void> {
    await (this.json ? this.object(type, fields) : this.line(text));
  }

  /** Words about the data; nothing with --quiet, and with --json only what is an object. */
  say(text: string): void {
    if (this.#options.quiet || this.json) return;
    this.#options.stderr.write(`${wordCommands(text, this.#options.wording)}\n`);
  }

  /** A sentence of the node, with its mend: an object on stderr with --json, nothing with --quiet. */
  notice({ level, code, text, hint }: Notice): void {
    if (this.#options.quiet) return;
    const wording = this.#options.wording;
    const said = {
      level,
      code,
      text: wordCommands(text, wording),
      hint: hint && wordCommands(hint, wording),
    };
    this.#options.stderr.write(
      this.json
        ? `${jsonLine("notice", said)}\n`
        : `${[said.text, said.hint].filter(Boolean).join(" ")}\n`,
    );
  }

  /** An error, in the form that was asked for. Never silenced. */
  error(error: ParleyError): void {
    const message = wordCommands(error.message, this.#options.wording);
    const hint =
      error.hint === undefined ? undefined : wordCommands(error.hint, this.#options.wording);
    this.#options.stderr.write(
      this.json
        ? `${jsonLine("error", { code: error.code, message, hint: hint ?? null })}\n`
        : `${hint === undefined ? message : `${message} ${hint}`}\n`,
    );
  }

  /** A defect of parley: everything that helps to find it. */
  defect(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.json) {
      this.#options.stderr.write(
        `${jsonLine("error", { code: "internal", message, hint: null })}\n`,
      );
      return;
    }
    const where =
      error instanceof Error && !isParleyError(error) ? (error.stack ?? message) : message;
    this.#options.stderr.write(`This is a defect of parley, please report it: ${where}\n`);
  }

  /** Resolves when everything written so far has been handed on. */
  async flush(): Promise<void> {
    await Promise.all([flushed(this.#options.stdout), flushed(this.#options.stderr)]);
  }
}

function jsonLine(type: string, fields: object): string {
  return JSON.stringify({ v: JSON_VERSION, type, ...fields });
}

function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
