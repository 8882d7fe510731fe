/**
 * The one writer of a store: jobs are taken in order, staged together and written in one atomic batch (group commit). While
 * a batch is on its way to the disk the next one gathers.
 */
import { STORE_BATCH_MAX_COUNT } from "../core/codec/limits.ts";
import type { Kv, KvPut } from "./kv.ts";

/** Something to stage. `stage` may add to the indexes in memory; `undo` reloads them when the batch failed. */
export interface Job {
  /** Weight against STORE_BATCH_MAX_COUNT. */
  readonly size: number;
  readonly sync: boolean;
  /** Stages everything and returns further puts. */
  stage(): Promise<readonly KvPut[]>;
  done(): void;
  failed(error: unknown): void;
}

export interface WriterHooks {
  /** Puts that rooms have staged during this batch. */
  takePuts(): KvPut[];
  /** The batch is on its way's end. */
  settle(): void;
  /** The batch was not written: memory must be read again from the database. */
  reload(): Promise<void>;
}

export class Writer {
  readonly #kv: Kv;
  readonly #hooks: WriterHooks;
  readonly #durable: boolean;
  #jobs: Job[] = [];
  #running: Promise<void> | undefined;

  /** @param durable false ignores `sync`: a power loss may then lose own events that others have. */
  constructor(kv: Kv, hooks: WriterHooks, durable: boolean) {
    this.#kv = kv;
    this.#hooks = hooks;
    this.#durable = durable;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing waits or is being written. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Jobs of the same turn share a batch.
    await Promise.resolve();
    while (this.#jobs.length > 0) await this.#write(this.#take());
    this.#running = undefined;
  }

  #take(): Job[] {
    let size = 0;
    let count = 0;
    while (count < this.#jobs.length && (count === 0 || size < STORE_BATCH_MAX_COUNT)) {
      size += (this.#jobs[count] as Job).size;
      count++;
    }
    return this.#jobs.splice(0, count);
  }

  async #write(jobs: readonly Job[]): Promise<void> {
    try {
      const puts: KvPut[] = [];
      for (const job of jobs) puts.push(...(await job.stage()));
      puts.push(...this.#hooks.takePuts());
      const sync = this.#durable && jobs.some((job) => job.sync);
      if (puts.length > 0) await this.#kv.write(puts, sync);
      this.#hooks.settle();
    } catch (error) {
      await this.#hooks.reload().catch(() => undefined);
      for (const job of jobs) job.failed(error);
      return;
    }
    for (const job of jobs) job.done();
  }
}
