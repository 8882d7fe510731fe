import {
  ENVELOPE_EVENTS_MAX_COUNT,
  ENVELOPE_MAX_BYTES,
  GOSSIP_CERTIFICATE_AFTER_MS,
} from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import type { Certificate } from "../identity/types.ts";
import type { Clock, Transport } from "../interfaces.ts";
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
  readonly transport: Transport;
}

interface Waiting {
  readonly event: LogEvent;
  readonly done: (recipients: number) => void;
  readonly failed: (error: unknown) => void;
}

/** What the envelope and the page's head with a certificate add to the events. */
const ENVELOPE_FREE_BYTES = 512;

/** Gossips own events in order. What waits while a message is on its way goes together into the next. */
export class Publisher {
  readonly #init: PublisherInit;
  readonly #waiting: Waiting[] = [];
  #publishing = false;
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

  /** @returns the smallest number of peers that one of the events was handed to */
  async publish(events: readonly LogEvent[]): Promise<number> {
    const handed = events.map(
      (event) => new Promise<number>((done, failed) => this.#waiting.push({ event, done, failed })),
    );
    void this.#pump();
    return Math.min(...(await Promise.all(handed)));
  }

  async #pump(): Promise<void> {
    if (this.#publishing) return;
    this.#publishing = true;
    while (this.#waiting.length > 0) {
      const run = this.#nextRun();
      try {
        const recipients = await this.#send(run.map(({ event }) => event));
        for (const { done } of run) done(recipients);
      } catch (error) {
        for (const { failed } of run) failed(error);
      }
    }
    this.#publishing = false;
  }

  /** The longest unbroken run at the front that fits one envelope. */
  #nextRun(): Waiting[] {
    let bytes = ENVELOPE_FREE_BYTES;
    let count = 0;
    for (const { event } of this.#waiting) {
      bytes += pageSize(event);
      const before = this.#waiting[count - 1];
      if (
        before !== undefined &&
        (bytes > ENVELOPE_MAX_BYTES || count === ENVELOPE_EVENTS_MAX_COUNT)
      )
        break;
      if (before !== undefined && !links(before.event, event)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
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
