/** A node in its own process (bench/worker.ts), as the benchmark drives it. */
import { fork } from "node:child_process";
import { join } from "node:path";
import type { OpenOptions } from "./contestant.ts";
import type { Operations } from "./worker.ts";

/** Bundled as the program itself is: types stripped at the start would cost memory and time that are not parley's. */
const workerFile = join(import.meta.dirname, "../build/bench/worker.js");

type Answer = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/** As a node in the background has it (src/node/background.ts). */
const YOUNG_MB = 8;

export class NodeProcess {
  readonly #child;
  readonly #waiting = new Map<number, Answer>();
  #last = 0;

  /** @param youngMb how much is allocated between two collections of what is young; a process of many nodes needs that of many */
  constructor(youngMb = YOUNG_MB) {
    this.#child = fork(workerFile, {
      // As the program does: compiled code is kept between starts.
      env: {
        MALLOC_ARENA_MAX: "2",
        ...process.env,
        NODE_COMPILE_CACHE: join(import.meta.dirname, "../build/bench/compiled"),
      },
      serialization: "advanced",
      execArgv: [`--max-semi-space-size=${youngMb}`],
    });
    this.#child.on("message", (message: { id: number; value: never; error?: string }) => {
      const { id, value, error } = message;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    this.#child.on("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`a node of the benchmark ended with ${code ?? signal}`));
    });
  }

  static async open(options: OpenOptions): Promise<NodeProcess> {
    const made = new NodeProcess();
    await made.call("open", options);
    return made;
  }

  call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<Awaited<ReturnType<Operations[Name]>>> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as never, reject });
      this.#child.send({ id, name, args });
    });
  }

  async stop(): Promise<void> {
    await this.call("close");
    await this.end();
  }

  /** Ends the process without closing what it has open. */
  async end(): Promise<void> {
    this.#child.disconnect();
    if (this.#child.exitCode === null)
      await new Promise((resolve) => this.#child.once("exit", resolve));
  }
}

/** Makes b dial a, and resolves with when it began, in ms of the machine's clock. */
export async function connected(a: NodeProcess, b: NodeProcess): Promise<void> {
  const address = await a.call("listen");
  await b.call("listen");
  await b.call("connect", address);
}
