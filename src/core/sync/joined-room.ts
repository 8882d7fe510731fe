import { equal } from "../codec/bytes.ts";
import { GOSSIP_SEEN_MAX_COUNT, RECENT_IDS_MAX_COUNT } from "../codec/limits.ts";
import { Lru } from "../codec/lru.ts";
import type { RoomLog, Verdict } from "../interfaces.ts";
import { comparePositions } from "../log/order.ts";
import type { StoredEvent } from "../log/types.ts";
import { isControl } from "../room/control.ts";
import type { RoomKeys } from "../room/open-room.ts";
import { storedChain, type Told as Acked } from "./acks.ts";
import type { Certificates } from "./certificates.ts";
import type { StoredChain } from "./frames.ts";
import type { Governed } from "./governed.ts";
import type { Stored } from "./intake.ts";
import type { Link } from "./link.ts";
import type { Links } from "./links.ts";
import type { Source } from "./missing.ts";
import type { Opening } from "./negentropy.ts";
import { openPage, packPage, Told } from "./pages.ts";
import type { Penalties } from "./penalties.ts";
import type { ReplicatorInit } from "./replicator.ts";
import { RoomSync } from "./room-sync.ts";
import { fraction, Schedule } from "./schedule.ts";
import type { SessionEnd } from "./session.ts";
import { Spread } from "./spread.ts";
import { Tails } from "./tails.ts";
import { Turns } from "./turns.ts";

/** What all joined rooms use together. */
export interface Shared {
  readonly init: ReplicatorInit;
  readonly links: Links;
  readonly certificates: Certificates;
  readonly penalties: Penalties;
  /** Hash of a gossiped message → what was said of it. */
  readonly seen: Lru<string, Verdict>;
  /** Ids of recent events. */
  readonly recent: Lru<string, true>;
  readonly failed: (error: unknown) => void;
}

export function newMemories(): Pick<Shared, "seen" | "recent"> {
  return { seen: new Lru(GOSSIP_SEEN_MAX_COUNT), recent: new Lru(RECENT_IDS_MAX_COUNT) };
}

/** A joined room among its peers: with whom it is reconciled and when, and what they hold of it. */
export class JoinedRoom {
  readonly sync: RoomSync;
  readonly #shared: Shared;
  readonly #turns: Turns<Link>;
  readonly #schedule: Schedule;
  readonly #tails: Tails;
  readonly #spread: Spread;

  constructor(shared: Shared, keys: RoomKeys, log: RoomLog, governed?: Governed) {
    const { timers, random, listener } = shared.init;
    this.#shared = shared;
    this.sync = new RoomSync({
      ...shared.init,
      ...shared,
      keys,
      log,
      governed,
      peers: () => this.#told(),
      sources: (from) => this.#sources(from),
      coming: (stored) => this.#coming(stored),
      stored: (stored, source) => listener.stored(keys, stored, source),
      served: () => listener.served?.(keys),
      ownAhead: (events) => listener.ownAhead(keys, events),
      uncertified: (from) => this.#reconcileWith(from),
      forwards: (root, device) => listener.forwards?.(root, device) ?? true,
    });
    this.#turns = new Turns({
      timers,
      open: (link, opening) => this.#open(link, opening),
      serves: (link) => link.serves(this.sync),
      leads: (link) => link.opener,
    });
    this.#schedule = new Schedule({
      timers,
      random,
      reconcile: (opening) => this.#reconcileSomebody(opening),
    });
    this.#tails = new Tails({
      timers,
      peers: () => this.#links().map(({ peerId }) => peerId),
      behind: (peerId) => this.#reconcileWith(peerId),
    });
    this.#spread = new Spread({
      timers,
      random,
      peers: () => this.#links().map(({ peerId }) => peerId),
      reconcile: (peerId) => this.#reconcileWith(peerId),
    });
  }

  /** Cancels everything under way. */
  stop(): void {
    this.#schedule.stop();
    this.#tails.stop();
    this.#spread.stop();
    this.#turns.stop();
    this.sync.stop();
  }

  /** Gossips own events; resolves with the number of peers they were handed to. */
  async announce(events: readonly StoredEvent[]): Promise<number> {
    const newest = events.at(-1);
    if (newest === undefined) return 0;
    this.sync.remember(events);
    const recipients = await this.sync.publisher.publish(events);
    this.#tails.announced(newest.seq);
    return recipients;
  }

  /** Events that are on disk as a page that proves itself, with the certificates of their authors. */
  page(events: readonly StoredEvent[]): Promise<Uint8Array> {
    return packPage(this.sync, [...events].sort(comparePositions), new Told());
  }

  /**
   * Stores a page that came by another way than a session or gossip; resolves when it is on disk.
   * @param between called when the control events in it have had their effect, before what is said is taken
   * @throws ParleyError `bad-page`, `bad-certificate`
   */
  async take(page: Uint8Array, between: () => void): Promise<void> {
    const events = await openPage(this.sync, page);
    const { intake } = this.sync;
    await intake.add(
      events.filter(({ event }) => isControl(event.kind)),
      "sync",
    );
    between();
    await intake.add(
      events.filter(({ event }) => !isControl(event.kind)),
      "live",
    );
  }

  /** A link turned out to share the room. */
  met(link: Link): void {
    this.#tellStored(link).catch(this.#shared.failed);
    if (link.opener) this.#turns.request(link, "recent");
  }

  /** A link is over. */
  lost(link: Link): void {
    this.#tails.gone(link.peerId);
    this.#turns.gone(link);
  }

  /** Whether a session that the peer opens may begin. */
  admits(link: Link): boolean {
    return this.#turns.admits(link);
  }

  progress(link: Link, received: number, total: number): void {
    this.#turns.brings(link, total);
    this.#shared.init.listener.progress(this.sync.keys, link.peerId, received, total);
  }

  ended(link: Link, end: SessionEnd): void {
    const { listener } = this.#shared.init;
    listener.ended(this.sync.keys, link.peerId);
    this.#turns.ended(link, end.own);
    if (end.fresh > 0) this.#spread.learned(link.peerId);
    if (end.reason !== "done") return;
    this.#settle(end).catch(this.#shared.failed);
    this.#schedule.ended(end.equal || end.vain);
    if (end.equal && end.ownSeq > 0 && link.root !== undefined)
      this.#holds(link.root, end).catch(this.#shared.failed);
    listener.equal(this.sync.keys, link.peerId);
    if (!end.ownAhead) listener.confirmed(this.sync.keys, link.peerId);
  }

  async #settle(end: SessionEnd): Promise<void> {
    const before = this.sync.log.floor();
    await this.sync.compared(end);
    const { listener } = this.#shared.init;
    if (this.sync.log.floor() !== before) listener.floorMoved?.(this.sync.keys);
  }

  /** Who has the same set holds the whole own chain, unless some of it lies below what was compared. */
  async #holds(holder: Uint8Array, { ownSeq, from, complete }: SessionEnd): Promise<void> {
    const { listener, device, root } = this.#shared.init;
    const [first] = await this.sync.log.at(root, device, 1);
    const compared = Math.max(from, complete);
    if (compared === 0 || (first !== undefined && first.moment >= compared))
      listener.held(this.sync.keys, device, ownSeq, holder);
  }

  #coming(stored: readonly Stored[]): void {
    try {
      this.#shared.init.listener.coming?.(this.sync.keys, stored);
    } catch (error) {
      this.#shared.failed(error);
    }
  }

  /** Opens a session with everybody in the room, to fetch what lies below the floor. */
  reconcileAll(): number {
    const links = this.#links();
    for (const link of links) this.#turns.request(link, "recent");
    return links.length;
  }

  /** Less is wanted than sessions under way bring: they end, and others begin from where it is wanted. */
  bringLess(): void {
    for (const link of this.#links()) if (link.cut(this.sync)) this.#turns.request(link, "recent");
  }

  /** A peer says what it stores of our chain. */
  async heard(link: Link, chains: readonly StoredChain[]): Promise<void> {
    const { listener, device, root } = this.#shared.init;
    const { keys, log } = this.sync;
    for (const chain of chains) {
      const own = await log.chain(root, chain.device);
      // Nobody can hold what was never signed; such a claim is not believed.
      const seq = Math.min(chain.gapFreeSeq, own?.gapFreeSeq ?? 0);
      if (seq > 0 && link.root !== undefined) listener.held(keys, chain.device, seq, link.root);
      if (!equal(chain.device, device)) continue;
      this.#tails.stored(link.peerId, seq);
      if (chain.tipSeq <= (own?.tip.seq ?? 0)) listener.confirmed(keys, link.peerId);
    }
  }

  /** Tells a peer what is stored here of its own chain. */
  async #tellStored(link: Link): Promise<void> {
    if (link.root === undefined) return;
    link.sendStored(this.sync, [await storedChain(this.sync.log, link.root, link.device)]);
  }

  #links(): Link[] {
    return [...this.#shared.links.all()].filter((link) => link.shares(this.sync));
  }

  *#told(): Iterable<Acked> {
    for (const link of this.#links()) {
      yield { root: link.root, tell: (chains) => link.sendStored(this.sync, chains) };
    }
  }

  #sources(from: string): Source[] {
    const links = this.#links();
    const others = links.filter(({ peerId }) => peerId !== from);
    const start = Math.floor(fraction(this.#shared.init.random) * others.length);
    const source = links.filter(({ peerId }) => peerId === from);
    return [...source, ...others.slice(start), ...others.slice(0, start)].map((link) => ({
      peerId: link.peerId,
      fetch: (ids) => link.fetch(this.sync, ids),
      reconcile: () => this.#turns.request(link, "recent"),
    }));
  }

  #open(link: Link, opening: Opening): boolean {
    return !this.#shared.penalties.isWaiting(link.peerId) && link.reconcile(this.sync, opening);
  }

  #reconcileWith(peerId: string): void {
    const link = this.#shared.links.get(peerId);
    if (link !== undefined) this.#turns.request(link, "recent");
  }

  #reconcileSomebody(opening: Opening): void {
    const links = this.#links().filter(({ peerId }) => !this.#shared.penalties.isWaiting(peerId));
    const link = links[Math.floor(fraction(this.#shared.init.random) * links.length)];
    if (link !== undefined) this.#turns.request(link, opening);
  }
}
