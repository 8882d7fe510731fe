import {
  ENVELOPE_EVENTS_MAX_COUNT,
  ENVELOPE_MAX_BYTES,
  GOSSIP_BURST_COUNT,
  GOSSIP_CERTIFICATE_AFTER_MS,
  GOSSIP_GATHER_MAX_MS,
  GOSSIP_GATHER_MS,
  GOSSIP_WAITING_MAX_BYTES,
} from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import type { Certificate } from "../identity/types.ts";
import type { Clock, Timers, Transport } from "../interfaces.ts";
import { encodePage, pageSize } from "../log/page.ts";
import { links } from "../log/runs.ts";
import type { LogEvent } from "../log/types.ts";
import { sealEnvelope } from "../room/envelope.ts";
import type { RoomKeys } from "../room/open-room.ts";

export interface PublisherInit {
  readonly room: RoomKeys;
  readonly certificate: Certificate;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly transport: Transport;
}

/** Events that were handed over together. */
interface Call {
  /** How many of them are still to go. */
  left: number;
  /** Smallest number of peers that one of them was handed to. */
  recipients: number;
  readonly done: (recipients: number) => void;
  readonly failed: (error: unknown) => void;
}

interface Waiting {
  readonly event: LogEvent;
  readonly sizeBytes: number;
  readonly call: Call;
}

/** What the envelope and the page's head with a certificate add to the events. */
const ENVELOPE_FREE_BYTES = 512;

/**
 * Gossips own events in order. The first goes at once; what waits while a message is on its way, and in the few
 * milliseconds after it, goes together into the next: what a message costs everybody is the message, not its events.
 */
export class Publisher {
  readonly #init: PublisherInit;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #publishing = false;
  #endPause: (() => void) | undefined;
  /** When the certificate last went along, ms. */
  #certifiedMs = -Infinity;
  #publishedMs = -Infinity;

  constructor(init: PublisherInit) {
    this.#init = init;
  }

  /** Somebody came who may not know this device: the next message carries its certificate. */
  introduce(): void {
    this.#certifiedMs = -Infinity;
  }

  /** @returns the smallest number of peers that one of the events was handed to; 0 when one was left to reconciliation */
  publish(events: readonly LogEvent[]): Promise<number> {
    if (events.length === 0) return Promise.resolve(0);
    return new Promise((done, failed) => {
      const call: Call = { left: events.length, recipients: Infinity, done, failed };
      for (const event of events) {
        const sizeBytes = pageSize(event);
        this.#waiting.push({ event, sizeBytes, call });
        this.#waitingBytes += sizeBytes;
      }
      if (this.#waitingBytes > GOSSIP_WAITING_MAX_BYTES) this.#leaveToPeers();
      if (this.#isFull) this.#endPause?.();
      if (!this.#publishing) void this.#pump();
    });
  }

  /** Sends nothing more after the message on its way. */
  stop(): void {
    this.#endPause?.();
    for (const { call } of this.#take(this.#waiting.length)) settle(call, 0);
  }

  async #pump(): Promise<void> {
    this.#publishing = true;
    while (this.#waiting.length > 0) {
      const run = this.#nextRun();
      try {
        const recipients = await this.#send(run.map(({ event }) => event));
        for (const { call } of run) settle(call, recipients);
      } catch (error) {
        for (const { call } of run) call.failed(error);
      }
      await this.#gather();
    }
    this.#publishing = false;
  }

  /**
   * Lets own events gather after a message; of a burst for as long as more of them come, or until a message is full. A pause that
   * took long says that this process has much to do, and then that nothing has come says little.
   */
  async #gather(): Promise<void> {
    const { clock } = this.#init;
    const beganMs = clock.nowMs();
    for (let known = 0, nowMs = beganMs; !this.#isFull; known = this.#waiting.length) {
      await this.#pause();
      const tookMs = clock.nowMs() - nowMs;
      nowMs += tookMs;
      const { length } = this.#waiting;
      if (length < GOSSIP_BURST_COUNT || nowMs - beganMs >= GOSSIP_GATHER_MAX_MS) return;
      if (length === known && tookMs < 2 * GOSSIP_GATHER_MS) return;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#endPause = undefined;
        resolve();
      };
      const cancel = this.#init.timers.after(GOSSIP_GATHER_MS, go);
      this.#endPause = () => {
        cancel();
        go();
      };
    });
  }

  get #isFull(): boolean {
    return (
      this.#waitingBytes > ENVELOPE_MAX_BYTES || this.#waiting.length >= ENVELOPE_EVENTS_MAX_COUNT
    );
  }

  /** The longest unbroken run at the front that fits one envelope. */
  #nextRun(): Waiting[] {
    let bytes = ENVELOPE_FREE_BYTES;
    let count = 0;
    for (const { event, sizeBytes } of this.#waiting) {
      bytes += sizeBytes;
      const before = this.#waiting[count - 1];
      if (
        before !== undefined &&
        (bytes > ENVELOPE_MAX_BYTES || count === ENVELOPE_EVENTS_MAX_COUNT)
      )
        break;
      if (before !== undefined && !links(before.event, event)) break;
      count += 1;
    }
    return this.#take(count);
  }

  /** More waits than gossip should carry: only the head goes, and whoever hears it pulls what it names. */
  #leaveToPeers(): void {
    for (const { call } of this.#take(this.#waiting.length - 1)) settle(call, 0);
  }

  #take(count: number): Waiting[] {
    const taken = this.#waiting.splice(0, count);
    for (const { sizeBytes } of taken) this.#waitingBytes -= sizeBytes;
    return taken;
  }

  async #send(run: readonly LogEvent[]): Promise<number> {
    const { room, crypto, clock, transport, certificate } = this.#init;
    const nowMs = clock.nowMs();
    const certify =
      nowMs - Math.max(this.#certifiedMs, this.#publishedMs) >= GOSSIP_CERTIFICATE_AFTER_MS ||
      this.#certifiedMs === -Infinity;
    const page = encodePage(run, () => (certify ? certificate.wire : undefined));
    const { recipients } = await transport.publish(room.topic, sealEnvelope(crypto, room, page));
    this.#publishedMs = nowMs;
    // Nobody to hear it: it still has to be said.
    if (certify && recipients > 0) this.#certifiedMs = nowMs;
    return recipients;
  }
}

/** One event of a call has gone. */
function settle(call: Call, recipients: number): void {
  call.left -= 1;
  call.recipients = Math.min(call.recipients, recipients);
  if (call.left === 0) call.done(call.recipients);
}
