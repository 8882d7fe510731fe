/** Questions to a person at a terminal. They are written to stderr: stdout is for data. */
import { createInterface, type ReadLineOptions } from "node:readline";
import { Writable } from "node:stream";
import { ParleyError } from "../src/core/codec/errors.ts";

/** Thrown where a person answered with Ctrl-C. */
export class Interrupted extends Error {}

/** One line of text. @throws Interrupted, ParleyError `no-answer` */
export function ask(question: string): Promise<string> {
  return answer({ input: process.stdin, output: process.stderr }, question);
}

/** One line that is not shown while it is typed. @throws Interrupted, ParleyError `no-answer` */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answered = answer({ input: process.stdin, output: silent, terminal: true }, "");
  // Not before: until the answer is waited for, the terminal itself shows what is typed.
  process.stderr.write(question);
  try {
    return await answered;
  } finally {
    process.stderr.write("\n");
  }
}

function answer(options: ReadLineOptions, question: string): Promise<string> {
  const lines = createInterface(options);
  return new Promise<string>((resolve, reject) => {
    lines.once("SIGINT", () => reject(new Interrupted()));
    lines.once("close", () => reject(new ParleyError("no-answer", "No answer was given.")));
    lines.question(question, resolve);
  }).finally(() => lines.close());
}
