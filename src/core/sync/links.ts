import { compare } from "../codec/bytes.ts";
import { SYNC_PERIOD_MAX_MS, SYNC_STREAM_RETRY_MS, SYNC_STREAM_WAIT_MS } from "../codec/limits.ts";
import type { FrameStream, Peer, Timers, Transport } from "../interfaces.ts";
import type { Link } from "./link.ts";

export interface LinksInit {
  readonly transport: Transport;
  readonly timers: Timers;
  /** The own device, 32 bytes. */
  readonly device: Uint8Array;
  /** Whether a peer broke a rule of the stream lately. */
  readonly isBarred: (peerId: string) => boolean;
  readonly make: (stream: FrameStream, opener: boolean) => Link;
}

/** What is under way with one connected peer. */
interface Contact {
  link: Link | undefined;
  opening: boolean;
  failures: number;
  cancel: (() => void) | undefined;
}

/** One link for each connected peer: opened by who dialled, opened again when it breaks. */
export class Links {
  readonly #init: LinksInit;
  readonly #contacts = new Map<string, Contact>();
  #stopped = false;

  constructor(init: LinksInit) {
    this.#init = init;
  }

  get(peerId: string): Link | undefined {
    return this.#contacts.get(peerId)?.link;
  }

  *all(): Iterable<Link> {
    for (const { link } of this.#contacts.values()) if (link !== undefined) yield link;
  }

  connected(peer: Peer): void {
    const contact = this.#contact(peer.peerId);
    if (contact.link !== undefined || contact.opening) return;
    if (peer.direction === "outbound") void this.#open(peer.peerId);
    else this.#openLater(peer.peerId, SYNC_STREAM_WAIT_MS);
  }

  disconnected(peer: Peer): void {
    if (this.#init.transport.peers().some(({ peerId }) => peerId === peer.peerId)) return;
    const contact = this.#contacts.get(peer.peerId);
    this.#contacts.delete(peer.peerId);
    contact?.cancel?.();
    void contact?.link?.close();
  }

  /**
   * A stream that the other side opened. When both opened one at once, that of the lower device key stays; who has greeted over
   * the own one and opens another has lost it.
   */
  take(stream: FrameStream): void {
    if (this.#init.isBarred(stream.peerId)) {
      stream.abort("a rule was broken");
      return;
    }
    const contact = this.#contact(stream.peerId);
    const old = contact.link;
    const mine = (old?.opener === true && old.root === undefined) || contact.opening;
    if (mine && compare(this.#init.device, stream.device) < 0) {
      stream.abort("one stream is enough");
      return;
    }
    void old?.close();
    this.#begin(contact, stream, false);
  }

  lost(link: Link): void {
    const contact = this.#contacts.get(link.peerId);
    if (contact === undefined || contact.link !== link) return;
    contact.link = undefined;
    contact.failures += 1;
    this.#openLater(link.peerId, this.#retryMs(contact));
  }

  /** Ends every link and opens it again, so that both sides greet anew. */
  renew(): void {
    for (const [peerId, contact] of this.#contacts) {
      const { link } = contact;
      if (link === undefined) continue;
      contact.link = undefined;
      void link.close();
      this.#openLater(peerId, link.opener ? SYNC_STREAM_RETRY_MS : SYNC_STREAM_WAIT_MS);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const contacts = [...this.#contacts.values()];
    this.#contacts.clear();
    for (const { cancel } of contacts) cancel?.();
    await Promise.all(contacts.map(({ link }) => link?.close()));
  }

  #contact(peerId: string): Contact {
    const known = this.#contacts.get(peerId);
    if (known !== undefined) return known;
    const contact: Contact = { link: undefined, opening: false, failures: 0, cancel: undefined };
    this.#contacts.set(peerId, contact);
    return contact;
  }

  #begin(contact: Contact, stream: FrameStream, opener: boolean): void {
    contact.cancel?.();
    contact.cancel = undefined;
    contact.link = this.#init.make(stream, opener);
    contact.link.start();
  }

  async #open(peerId: string): Promise<void> {
    const contact = this.#contacts.get(peerId);
    if (contact === undefined || contact.link !== undefined || contact.opening) return;
    if (this.#init.isBarred(peerId)) return this.#openLater(peerId, SYNC_PERIOD_MAX_MS);
    contact.opening = true;
    try {
      const stream = await this.#init.transport.open(peerId);
      contact.opening = false;
      const unwanted =
        this.#stopped || this.#contacts.get(peerId) !== contact || contact.link !== undefined;
      if (unwanted) stream.abort("one stream is enough");
      else this.#begin(contact, stream, true);
    } catch {
      contact.opening = false;
      contact.failures += 1;
      if (this.#contacts.get(peerId) === contact) this.#openLater(peerId, this.#retryMs(contact));
    }
  }

  #openLater(peerId: string, delayMs: number): void {
    const contact = this.#contacts.get(peerId);
    if (contact === undefined || this.#stopped) return;
    contact.cancel?.();
    contact.cancel = this.#init.timers.after(delayMs, () => void this.#open(peerId));
  }

  #retryMs({ failures }: Contact): number {
    return Math.min(SYNC_STREAM_RETRY_MS * 2 ** Math.min(failures, 16), SYNC_PERIOD_MAX_MS);
  }
}
