/**
 * The one writer of a store: jobs are taken in order, staged together and written in one atomic batch (group commit). While
 * a batch is on its way to the disk the next one gathers.
 */
import { STORE_BATCH_MAX_COUNT } from "../core/codec/limits.ts";
import type { Kv, KvPut } from "./kv.ts";
import { Puts } from "./puts.ts";

/** A room whose indexes a job may change in memory. */
export interface StagedRoom {
  /** The puts of everything staged; with `checkpoint` also what could wait. */
  finish(checkpoint?: boolean): Promise<Puts>;
  /** The batch is written. */
  settle(): void;
  /** The batch was not written: memory must be read again from the database. */
  load(): Promise<void>;
}

/** Something to write. */
export interface Job {
  /** Weight against STORE_BATCH_MAX_COUNT. */
  readonly size: number;
  readonly sync: boolean;
  readonly puts: readonly KvPut[];
  readonly room?: StagedRoom;
  readonly checkpoint?: boolean;
  /** Shares its batch with no other job: what it reads is all that is staged. */
  readonly alone?: boolean;
  stage?(): Promise<void> | void;
  /** The batch is on its way to the disk. */
  staged?(): void;
  done(): void;
  failed(error: unknown): void;
}

export class Writer {
  readonly #kv: Kv;
  readonly #durable: boolean;
  #jobs: Job[] = [];
  #running: Promise<void> | undefined;
  #arriving: Promise<void> | undefined;

  /** @param durable false ignores `sync`: a power loss may then lose own events that others have. */
  constructor(kv: Kv, durable: boolean) {
    this.#kv = kv;
    this.#durable = durable;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    this.#running ??= this.#run();
  }

  /** Where somebody was told what is staged: when it can be read. */
  get arriving(): Promise<void> | undefined {
    return this.#arriving;
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
      const job = this.#jobs[count] as Job;
      if (job.alone && count > 0) break;
      size += job.size;
      count++;
      if (job.alone) break;
    }
    return this.#jobs.splice(0, count);
  }

  async #write(jobs: readonly Job[]): Promise<void> {
    const rooms = new Set<StagedRoom>();
    try {
      let puts = new Puts();
      for (const job of jobs) {
        if (job.room) rooms.add(job.room);
        const staging = job.stage?.();
        if (staging) await staging;
        puts.addAll(job.puts);
      }
      const checkpoint = jobs.some((job) => job.checkpoint);
      for (const room of rooms) {
        const staged = await room.finish(checkpoint);
        if (puts.length === 0) puts = staged;
        else {
          puts.addAll(staged);
          staged.release();
        }
      }
      const sync = this.#durable && jobs.some((job) => job.sync);
      const writing = puts.length > 0 ? this.#kv.write(puts, sync) : undefined;
      this.#tell(jobs, writing);
      await writing;
      this.#arriving = undefined;
      puts.release();
      for (const room of rooms) room.settle();
    } catch (error) {
      this.#arriving = undefined;
      for (const room of rooms) await room.load().catch(() => undefined);
      for (const job of jobs) job.failed(error);
      return;
    }
    for (const job of jobs) job.done();
  }

  #tell(jobs: readonly Job[], writing: Promise<void> | undefined): void {
    const told = jobs.filter((job) => "staged" in job);
    if (told.length === 0) return;
    // Who reads finds it, or that it failed; why is told to whoever writes.
    this.#arriving = writing?.catch(() => undefined);
    for (const job of told) job.staged?.();
  }
}
