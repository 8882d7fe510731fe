/** Events of a file on their way into a room: each is verified as if a stranger had sent it (docs/spec/export.md). */
import { fromBase64 } from "../../core/codec/base64.ts";
import { equal, fromHex, toHex } from "../../core/codec/bytes.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import { decodeCertificate } from "../../core/identity/certificate.ts";
import type { AppendOutcome } from "../../core/interfaces.ts";
import { decodeEvent } from "../../core/log/event.ts";
import { isControl } from "../../core/room/control.ts";
import { comparePositions } from "../../core/log/order.ts";
import { type Authentic, authenticate, links } from "../../core/log/runs.ts";
import type { LogEvent } from "../../core/log/types.ts";
import { timeliness } from "../../core/sync/held-aside.ts";
import type { Context } from "../context.ts";
import type { JoinedRoom, StoredItem } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { ImportItem, ImportPageRequest, ImportResult } from "../transfer-api.ts";

export interface ImportInit {
  readonly context: Context;
  readonly rooms: Rooms;
  readonly join: (room: string) => Promise<unknown>;
  /** The file holds an event of this device that is not stored here: another key has to sign from now on. */
  readonly replaceDevice: () => Promise<void>;
}

export async function importPage(
  init: ImportInit,
  request: ImportPageRequest,
): Promise<ImportResult> {
  const keys = init.rooms.keysOf(request.room);
  if (request.roomId !== toHex(keys.roomId)) {
    throw new ParleyError(
      "wrong-room",
      `That file is of another room than ${keys.name} of the network ${init.context.init.networkName}.`,
      { hint: "A file of another network goes into a profile of that network: --network NAME." },
    );
  }
  const joined = init.rooms.list().every(({ state }) => state.keys.name !== keys.name);
  if (joined) await init.join(keys.name);
  const room = init.rooms.get(keys.name);
  const page = new ImportedPage(init, room);
  await page.read(request.items, request.skipDamaged);
  const result = { joined, ...(await page.store()) };
  if (request.last) {
    // One synced write behind all the others syncs them too.
    await init.context.records.sync();
    init.rooms.news.reread(room);
  }
  return result;
}

class ImportedPage {
  readonly #init: ImportInit;
  readonly #room: JoinedRoom;
  readonly #events: { readonly event: LogEvent; readonly index: number }[] = [];
  readonly #refused: { index: number; why: string }[] = [];

  constructor(init: ImportInit, room: JoinedRoom) {
    this.#init = init;
    this.#room = room;
  }

  async read(items: readonly ImportItem[], skipDamaged: boolean): Promise<void> {
    for (const [index, item] of items.entries()) {
      try {
        if ("certificate" in item) await this.#certificate(item.certificate);
        else this.#events.push({ event: await this.#event(item), index });
      } catch (error) {
        if (!isParleyError(error) || error.code.startsWith("store-")) throw error;
        this.#refused.push({ index, why: error.message });
        if (!skipDamaged) return;
      }
    }
  }

  async store(): Promise<Omit<ImportResult, "joined">> {
    const { log, governed } = this.#room.state;
    const proved = await this.#authentic();
    const isFree = ({ event }: Authentic): boolean => !governed || !isControl(event.kind);
    // Of a room that has an owner control events prove themselves.
    const controls = proved.filter((each) => !isFree(each) && governed?.sound(each));
    const content = proved.filter(isFree);
    await this.#watchOwnChain([...controls, ...content]);
    const stored = await this.#storeControls(controls.map(({ event }) => event));
    stored.push(...(await this.#append(content)));
    await governed?.judgeStored(stored.map(({ event }) => event));
    this.#init.rooms.arrivals.take(this.#room, stored);
    // A line with a false signature is no loss where the event itself is stored; what has to wait is offered again.
    const proven = new Set([...controls, ...content].map(({ event }) => event));
    const others = this.#events.filter(
      ({ event }) => !proven.has(event) || governed?.waits(event) === true,
    );
    const has = await log.has(others.map(({ event }) => event.id));
    const count = (...which: AppendOutcome[]): number =>
      stored.filter(({ outcome }) => which.includes(outcome)).length;
    return {
      added: count("new", "equivocation"),
      known: count("known") + has.filter(Boolean).length,
      overQuota: count("over-quota"),
      refused: this.#refused,
      unproven: others.flatMap(({ index }, i) => (has[i] === true ? [] : [index])),
    };
  }

  /** Those that the room keeps. */
  async #storeControls(controls: readonly LogEvent[]): Promise<StoredItem[]> {
    const { governed } = this.#room.state;
    const stored: StoredItem[] = [];
    if (!governed || controls.length === 0) return stored;
    await governed.take(async () => {
      const kept = governed.kept(controls);
      stored.push(...(await this.#append(kept.map((event) => ({ event, proof: "verified" })))));
      return stored.map(({ event }) => event);
    });
    return stored;
  }

  async #append(authentic: readonly Authentic[]): Promise<StoredItem[]> {
    if (authentic.length === 0) return [];
    const { log } = this.#room.state;
    const outcomes = await log.append(
      authentic.map(({ event, proof }) => ({ event, proof, counts: false })),
    );
    return authentic.map(({ event, proof }, i) => ({
      event: { ...event, proof },
      outcome: outcomes[i] as AppendOutcome,
    }));
  }

  async #certificate(text: string): Promise<void> {
    const { crypto, store } = this.#init.context.init;
    const { root, device, serial, wire } = decodeCertificate(crypto, fromBase64(text));
    await store.putCertificate(root, device, serial, wire);
  }

  async #event(item: Exclude<ImportItem, { certificate: string }>): Promise<LogEvent> {
    const { crypto, clock } = this.#init.context.init;
    const { roomId } = this.#room.state.keys;
    const root = fromHex(item.author);
    if (root.length !== 32) throw new ParleyError("bad-event", "Its author is not a key.");
    const event = decodeEvent(crypto, roomId, root, fromBase64(item.wire));
    if (toHex(event.id) !== item.id) {
      throw new ParleyError(
        "bad-event",
        "Its id does not fit what it says, who said it and where.",
      );
    }
    if (timeliness(event.moment, clock.nowMs()) !== "due")
      throw new ParleyError("bad-event", "It lies in the future.");
    if (!(await this.#isCertified(event)))
      throw new ParleyError("bad-event", "Nothing certifies its device.");
    return event;
  }

  async #isCertified({ root, device }: LogEvent): Promise<boolean> {
    const { init, device: own } = this.#init.context;
    if (equal(device, own.certificate.device) && equal(root, own.certificate.root)) return true;
    return (await init.store.certificate(root, device)) !== undefined;
  }

  /** Those that prove themselves, or that a successor in the page or in the store proves. */
  async #authentic(): Promise<Authentic[]> {
    const { crypto } = this.#init.context.init;
    const events = this.#events.map(({ event }) => event).sort(comparePositions);
    const authentic = authenticate(crypto, events);
    const proven = new Set(authentic.map(({ event }) => event));
    for (const event of events.toReversed()) {
      if (proven.has(event)) continue;
      const next = await this.#room.state.log.at(event.root, event.device, event.seq + 1);
      const successors = [...next, ...authentic.map((one) => one.event)];
      if (!successors.some((successor) => links(event, successor))) continue;
      proven.add(event);
      authentic.push({ event, proof: "unverified" });
    }
    return authentic.sort((a, b) => comparePositions(a.event, b.event));
  }

  /** A device that signs what an older copy of it has signed would tell two histories. */
  async #watchOwnChain(authentic: readonly Authentic[]): Promise<void> {
    const { device } = this.#init.context.device.certificate;
    const own = authentic.filter(({ event }) => equal(event.device, device));
    const has = await this.#room.state.log.has(own.map(({ event }) => event.id));
    if (has.includes(false)) await this.#init.replaceDevice();
  }
}
