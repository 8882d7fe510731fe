/** The chat client behind every screen: implements ParleyApi over the core's ports. */
import { exceedsUtf8, fromHex, toHex, utf8 } from "../core/codec/bytes.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { DRAFTS_MAX_COUNT, SETTING_MAX_BYTES, TEXT_MAX_BYTES } from "../core/codec/limits.ts";
import { msOf } from "../core/log/clock.ts";
import { KIND_ACTION, KIND_TEXT, type StoredEvent } from "../core/log/types.ts";
import { cleanName, cleanText } from "../core/text/clean.ts";
import {
  type AddressInfo,
  API_VERSION,
  type AppEvent,
  type Check,
  type HistoryOptions,
  type HistoryPage,
  type IdentityInfo,
  type MemberInfo,
  type Message,
  type RoomsApi,
  type PeerInfo,
  type RoomInfo,
  type SendResult,
  type StatusInfo,
  type WhoisInfo,
} from "./api.ts";
import { CatchUps } from "./catch-ups.ts";
import { ClockCheck, roughly } from "./clock-check.ts";
import { ClockWatch } from "./clock-watch.ts";
import type { Context, ServiceInit } from "./context.ts";
import { runDoctor } from "./doctor.ts";
import { Emitter } from "./emitter.ts";
import { exportPage } from "./export-room.ts";
import { readHistory } from "./history.ts";
import { importPage } from "./import-room.ts";
import { Indexing } from "./indexing.ts";
import { findMessage } from "./message-lookup.ts";
import { draftMessage } from "./messages.ts";
import { NetworkLink, sentenceOf } from "./network-link.ts";
import { Membership } from "./networks/membership.ts";
import { Tickets } from "./networks/tickets.ts";
import { Notices } from "./notices.ts";
import { Fingerprints, findPerson, type Person } from "./people.ts";
import { SignatureChecks } from "./signature-checks.ts";
import { Presence, reachOf } from "./presence.ts";
import { type Draft, draftNumberOf, Records } from "./records.ts";
import { type JoinedRoom, Rooms } from "./rooms.ts";
import type { FoundPage, SearchOptions } from "./search-api.ts";
import { searchRooms } from "./search.ts";
import { Retention } from "./retention.ts";
import type { Keep, PruneResult, RetentionInfo } from "./retention-api.ts";
import { statistics } from "./statistics.ts";
import type { RoomStatistics } from "./stats-api.ts";
import type { ExportPage, ImportPageRequest, ImportResult } from "./transfer-api.ts";

/** Opens the rooms of a profile. The network begins with `startNetwork`. */
export async function createService(init: ServiceInit): Promise<ParleyService> {
  const service = new ParleyService(init);
  await service.open();
  return service;
}

export class ParleyService implements RoomsApi {
  readonly #context: Context;
  readonly #rooms: Rooms;
  readonly #presence: Presence;
  readonly #clockWatch: ClockWatch;
  readonly #catchUps: CatchUps;
  readonly #checks: SignatureChecks;
  /** Of a private network. */
  readonly membership: Membership | undefined;
  readonly #tickets: Tickets | undefined;
  readonly #retention: Retention;
  readonly #startedMs: number;
  readonly #waiters = new Set<() => void>();
  #networkState: StatusInfo["networkState"] = "off";
  #draftNumber = 0;
  #retiring: Promise<void> | undefined;
  #closed = false;

  constructor(init: ServiceInit) {
    const emitter = new Emitter(init.logger);
    const notices = new Notices(emitter);
    this.#catchUps = new CatchUps(emitter);
    this.#checks = new SignatureChecks({
      ...init,
      logs: () => this.#rooms.list().map(({ state }) => state.log),
    });
    const { root } = init.device.certificate;
    const link = new NetworkLink({
      ...init,
      notices,
      root,
      createTransport: (seed) => (init.createTransport ?? offline)(seed, this.membership?.side()),
      peersChanged: () => this.#presence.changed(),
      listener: {
        stored: (keys, stored, source) => {
          if (this.membership?.owns(keys.roomId)) return this.membership.arrived(stored);
          this.#noteUnchecked(keys.roomId, stored);
          this.#withRoom(keys.roomId, (room) => {
            const nowMs = init.clock.nowMs();
            const told = source === "live" || this.#catchUps.tells(keys.name, stored, nowMs);
            this.#rooms.arrived(room, stored, told);
          });
        },
        held: (keys, device, seq, holder) =>
          this.#withRoom(keys.roomId, (room) => {
            this.#rooms.held(room, device, seq, holder);
            this.#wake();
          }),
        greeted: (peer, _root, offsetMs) => {
          this.#context.clockCheck.set(peer.peerId, offsetMs);
          this.#judgeClock();
          this.#presence.changed();
        },
        ownAhead: (keys) =>
          this.#withRoom(keys.roomId, () => {
            void this.#replaceDevice(false);
          }),
        confirmed: (keys) => this.#withRoom(keys.roomId, (room) => room.gate.settle()),
        equal: () => undefined,
        served: () => this.#context.indexing.later(),
        progress: (keys, peerId, done, total) =>
          this.#catchUps.progress(keys.name, peerId, done, total),
        ended: (keys, peerId) => {
          if (this.#catchUps.ended(keys.name, peerId))
            this.#withRoom(keys.roomId, (room) => this.#rooms.reread(room));
        },
        floorMoved: (keys) =>
          this.#withRoom(keys.roomId, (room) => {
            this.#rooms.changed(room);
            this.#rooms.reread(room);
          }),
      },
    });
    this.#context = {
      init,
      records: new Records(init.store, init.privateNetwork?.scope ?? init.networkName),
      emitter,
      notices,
      fingerprints: new Fingerprints(init.crypto),
      clockCheck: new ClockCheck(),
      link,
      indexing: new Indexing({
        ...init,
        index: {
          step: async () => (await init.store.index.step()) || (await this.#checks.step()),
        },
      }),
      root,
      author: toHex(root),
      ignored: new Map(),
      device: init.device,
      signer: init.crypto.signer(init.device.seed),
      name: init.name,
    };
    this.#rooms = new Rooms(this.#context, () => this.#replaceDevice(true));
    this.#presence = new Presence(this.#context, this.#rooms);
    this.#clockWatch = new ClockWatch({ ...init, jumped: () => link.greetAgain() });
    const { privateNetwork } = init;
    this.membership = privateNetwork && new Membership(this.#context, this.#rooms, privateNetwork);
    this.#tickets = this.membership && new Tickets(this.#context, this.membership);
    privateNetwork?.onChange(() => this.#rooms.rekey());
    this.#retention = new Retention(this.#context, this.#rooms);
    this.#startedMs = init.clock.nowMs();
  }

  /** Reads the profile's records and opens its rooms. Called once. */
  async open(): Promise<void> {
    const { records, ignored, init } = this.#context;
    const stored = await records.name();
    if (stored === undefined) await records.setName(init.name);
    else this.#context.name = stored;
    for (const [author, name] of await records.ignored()) ignored.set(author, name);
    const drafts = await records.drafts();
    this.#draftNumber = Math.max(0, ...drafts.map(({ key }) => Number(draftNumberOf(key)) || 0));
    await this.membership?.open();
    await this.#rooms.openAll();
    this.#context.indexing.later();
  }

  #noteUnchecked(roomId: Uint8Array, stored: readonly { readonly event: StoredEvent }[]): void {
    this.#checks
      .stored(
        roomId,
        stored.map(({ event }) => event),
      )
      .catch((error: unknown) => {
        this.#context.init.logger.debug("what to check was not kept", { error: String(error) });
      });
  }

  /** Tickets to this private network. */
  get tickets(): Tickets {
    if (this.#tickets) return this.#tickets;
    throw new ParleyError("not-private", "An open network needs no tickets.");
  }

  /** What somebody is called anywhere in this network, or the fingerprint. */
  nameOf(author: string): string {
    return this.#presence.nameOf(author);
  }

  /** Another service of this profile has changed the name or whom this person ignores. */
  async reload(): Promise<void> {
    const { records, ignored } = this.#context;
    this.#context.name = (await records.name()) ?? this.#context.name;
    ignored.clear();
    for (const [author, name] of await records.ignored()) ignored.set(author, name);
  }

  /** Another service of this profile has retired the device key. */
  async deviceRetired(): Promise<void> {
    await this.#replaceDevice(false);
  }

  /** Starts listening, dialling and reconciling. A failure is a notice, not an exception: the store stays usable. */
  async startNetwork(): Promise<void> {
    const { init, link, notices, device } = this.#context;
    if (!init.createTransport || this.#networkState === "on" || this.#networkState === "starting")
      return;
    this.#networkState = "starting";
    try {
      await link.start(
        device.seed,
        device.certificate,
        this.#rooms.all().map(({ state }) => state),
      );
      this.#networkState = "on";
      notices.clear("network-failed");
    } catch (error) {
      this.#networkState = "failed";
      await link.stop().catch(() => undefined);
      notices.set({ level: "error", code: "network-failed", ...sentenceOf(error) });
    }
    if (this.#closed) return;
    this.#rooms.networkUp();
    this.#presence.begin();
    this.#presence.changed();
    this.#clockWatch.begin();
  }

  /** Ends the network and everything that waits; the store stays open for its owner to close. */
  async close(reason: string): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#presence.close();
    this.#clockWatch.close();
    await this.#retention.close();
    await this.#context.link.stop().catch((error: unknown) => {
      this.#context.init.logger.warn("the network did not stop cleanly", { error: String(error) });
    });
    await this.#rooms.close();
    await this.#context.indexing.close();
    this.#wake();
    this.#context.emitter.emit({ type: "closed", reason });
  }

  async hello({
    api,
  }: {
    client: string;
    api: number;
  }): Promise<{ api: number; version: string; identity: IdentityInfo }> {
    if (api !== API_VERSION) {
      throw new ParleyError(
        "api-version",
        `This node speaks version ${API_VERSION} of the socket, the client ${api}.`,
        {
          hint: "Stop the node with {parley stop} and start it again with the version you use.",
        },
      );
    }
    return { api: API_VERSION, version: this.#context.init.version, identity: this.#identity() };
  }

  async identity(): Promise<IdentityInfo> {
    return this.#identity();
  }

  async setName({ name }: { name: string }): Promise<IdentityInfo> {
    const cleaned = cleanName(name);
    if (cleaned === "") {
      throw new ParleyError("bad-name", "A name needs at least one visible character.", {
        hint: "For example: ana",
      });
    }
    await this.#context.records.setName(cleaned);
    this.#context.name = cleaned;
    const identity = this.#identity();
    this.#context.emitter.emit({ type: "me", identity });
    return identity;
  }

  rooms(): Promise<RoomInfo[]> {
    return Promise.all(this.#rooms.list().map((room) => this.#rooms.info(room)));
  }

  async join({ room: name }: { room: string }): Promise<RoomInfo> {
    const room = await this.#rooms.join(name);
    if (this.#networkState === "on") this.#presence.begin();
    return this.#rooms.info(room);
  }

  async leave({ room }: { room: string }): Promise<{ room: string }> {
    return { room: await this.#rooms.leave(room) };
  }

  async members({ room: name }: { room: string }): Promise<MemberInfo[]> {
    const room = this.#rooms.get(name);
    const here = this.#presence.here(room);
    const { author: me, ignored, fingerprints } = this.#context;
    const { names, writers, equivocated, log } = room.state;
    const flagged = new Set<string>();
    for (const chain of await log.chains()) {
      if (equivocated.has(toHex(chain.device))) flagged.add(toHex(chain.root));
    }
    const authors = new Set([me, ...here, ...writers.keys()]);
    const members = [...authors].map((author): MemberInfo => {
      const wrote = writers.get(author);
      return {
        author,
        name:
          author === me
            ? this.#context.name
            : (names.get(author)?.name ?? this.#presence.nameOf(author)),
        fingerprint: fingerprints.of(author),
        me: author === me,
        here: author === me ? this.#networkState === "on" : here.has(author),
        messages: wrote?.events ?? 0,
        ...(wrote ? { lastTime: timeOf(wrote.newest) } : {}),
        ignored: ignored.has(author),
        confusable: names.confusable(author),
        equivocated: flagged.has(author),
      };
    });
    return members.sort((a, b) => Number(b.here) - Number(a.here) || a.name.localeCompare(b.name));
  }

  async send(request: {
    room: string;
    text: string;
    kind?: "text" | "action";
    waitMs?: number;
  }): Promise<SendResult> {
    const room = this.#rooms.get(request.room);
    const text = cleanText(request.text);
    if (text.trim() === "") throw new ParleyError("text-empty", "There is nothing to send.");
    if (exceedsUtf8(text, TEXT_MAX_BYTES)) {
      throw new ParleyError(
        "text-too-long",
        `A message has at most ${TEXT_MAX_BYTES / 1024} KiB of text.`,
        {
          hint: "Send it in parts.",
        },
      );
    }
    const kind = request.kind === "action" ? KIND_ACTION : KIND_TEXT;
    if (room.gate.state === "open") {
      return this.#awaitHolder(room, await room.outbox.put(kind, text), request.waitMs);
    }
    const { clock } = this.#context.init;
    const beganMs = clock.nowMs();
    const draft = await this.#draft(room, kind, text);
    const signing = this.#rooms.sendDraft(room, draft);
    if (room.gate.state === "clock") {
      signing.catch(() => undefined);
      const { id, time } = draftMessage(
        room.state,
        draft,
        this.#context.device.certificate.device,
        this.#rooms.viewer(),
      );
      return { id, room: room.state.keys.name, time, state: "pending", heldBy: 0 };
    }
    const event = await signing;
    // The wait for the gate is part of the wait that was asked for.
    const leftMs = (request.waitMs ?? 0) - Math.max(0, clock.nowMs() - beganMs);
    return this.#awaitHolder(room, event, leftMs);
  }

  async history(options: HistoryOptions): Promise<HistoryPage> {
    const room = this.#rooms.get(options.room);
    const from =
      options.from === undefined ? undefined : findPerson(options.from, this.#people()).author;
    const { events, more } = await readHistory(room.state, options, from);
    return { messages: this.#rooms.messages(room, events, options.names), more };
  }

  exportPage(request: { room: string; after?: string }): Promise<ExportPage> {
    return exportPage(this.#context, this.#rooms, request);
  }

  importPage(request: ImportPageRequest): Promise<ImportResult> {
    const replaceDevice = (): Promise<void> => this.#replaceDevice(false);
    return importPage({ context: this.#context, rooms: this.#rooms, replaceDevice }, request);
  }

  async retention({ room }: { room: string }): Promise<RetentionInfo> {
    return this.#retention.info(room);
  }

  async setRetention({ room, keep }: { room: string; keep: Keep }): Promise<PruneResult> {
    return this.#retention.set(room, keep);
  }

  async prune({ room }: { room: string }): Promise<PruneResult> {
    return this.#retention.prune(room);
  }

  async fetchOlder({ room }: { room: string }): Promise<RetentionInfo & { asked: number }> {
    return this.#retention.fetchOlder(room);
  }

  statistics(request: {
    room: string;
    since?: string;
    timeZone?: string;
  }): Promise<RoomStatistics> {
    return statistics(this.#context, this.#rooms, request);
  }

  async search(options: SearchOptions): Promise<FoundPage> {
    const from = options.from && findPerson(options.from, this.#people()).author;
    return searchRooms(this.#context, this.#rooms, options, from ? fromHex(from) : undefined);
  }

  async message({ room: name, id }: { room: string; id: string }): Promise<Message> {
    const room = this.#rooms.get(name);
    const event = await findMessage(room.state.log, id);
    const [message] = this.#rooms.messages(room, [event], true);
    if (!message)
      throw new ParleyError(
        "unknown-message",
        "That message is of a kind this version cannot show.",
      );
    return message;
  }

  async markRead({ room: name }: { room: string }): Promise<RoomInfo> {
    const room = this.#rooms.get(name);
    const { state } = room;
    const arrived = state.log.arrived();
    if (state.unread > 0 || state.read.position === null) {
      state.read = { arrived, position: state.newest };
      state.mentions = 0;
      await this.#context.records.setRead(state.keys.roomId, state.read);
      this.#rooms.changed(room);
    }
    return this.#rooms.info(room);
  }

  async readMarker({
    room: name,
  }: {
    room: string;
  }): Promise<{ cursor: string | null; unread: number }> {
    const { state } = this.#rooms.get(name);
    const { position } = state.read;
    return { cursor: position && `${position.moment}.${toHex(position.id)}`, unread: state.unread };
  }

  async peers(): Promise<PeerInfo[]> {
    return this.#presence.peers();
  }

  async connect({ address }: { address: string }): Promise<PeerInfo> {
    const { transport } = this.#context.link;
    if (!transport || this.#networkState !== "on") {
      throw new ParleyError(
        "network-off",
        "The network is not running, so nobody can be dialled.",
        {
          hint: "{parley node} keeps it running; {parley doctor} says what is wrong.",
        },
      );
    }
    return this.#presence.peer(await transport.connect(address));
  }

  async addresses(): Promise<AddressInfo[]> {
    return reachOf(this.#context.link.transport?.addresses() ?? []);
  }

  async status(): Promise<StatusInfo> {
    const { init, link, clockCheck, notices } = this.#context;
    return {
      ...this.#identity(),
      addresses: link.transport?.addresses() ?? [],
      peers: this.#presence.peers(),
      rooms: await this.rooms(),
      networkState: this.#networkState,
      clock: { offsetMs: clockCheck.offsetMs, peers: clockCheck.peers },
      reach: link.transport?.reach?.() ?? null,
      catchUps: this.#catchUps.list(),
      notices: notices.list(),
      pid: init.pid,
      uptimeMs: Math.max(0, init.clock.nowMs() - this.#startedMs),
      localOnly: init.localOnly,
      version: init.version,
    };
  }

  async doctor(request: { room?: string; rebuild?: boolean }): Promise<Check[]> {
    if (request.room !== undefined) this.#rooms.get(request.room);
    const { transport } = this.#context.link;
    const mesh = (room: string): number | undefined =>
      transport?.mesh?.(this.#rooms.get(room).state.keys.topic);
    return runDoctor(this.#context, await this.status(), request, mesh);
  }

  async whois({ who }: { who: string; room?: string }): Promise<WhoisInfo> {
    const person = findPerson(who, this.#people());
    const { link, init, ignored, author: me } = this.#context;
    const online = new Set(link.peers().map((peer) => toHex(peer.device)));
    const devices = new Map<string, Uint8Array>();
    const names: { room: string; name: string }[] = [];
    let equivocated = false;
    for (const { state } of this.#rooms.list()) {
      const name = state.names.get(person.author);
      if (name) names.push({ room: state.keys.name, name: name.name });
      for (const chain of await state.log.chains()) {
        if (toHex(chain.root) !== person.author) continue;
        devices.set(toHex(chain.device), chain.device);
        equivocated ||= chain.equivocated;
      }
    }
    for (const peer of link.peers()) {
      if (link.authorOf(peer.peerId) === person.author)
        devices.set(toHex(peer.device), peer.device);
    }
    return {
      ...person,
      devices: [...devices].map(([device, key]) => ({
        device,
        peerId: init.peerIdOf(key),
        here: online.has(device),
      })),
      names,
      me: person.author === me,
      ignored: ignored.has(person.author),
      equivocated,
    };
  }

  async ignore({
    who,
    on,
  }: {
    who: string;
    on: boolean;
  }): Promise<{ ignored: { author: string; name: string }[] }> {
    const { ignored, records, author: me } = this.#context;
    const hidden = [...ignored].map(([author, name]) => this.#person(author, name));
    const person = findPerson(who, on ? this.#people() : hidden);
    if (person.author === me) throw new ParleyError("ignore-self", "You cannot ignore yourself.");
    await records.setIgnored(person.author, on ? person.name : null);
    if (on) ignored.set(person.author, person.name);
    else ignored.delete(person.author);
    return { ignored: await this.ignored() };
  }

  async ignored(): Promise<{ author: string; name: string }[]> {
    return [...this.#context.ignored].map(([author, name]) => ({ author, name }));
  }

  async settings(): Promise<Record<string, string>> {
    return Object.fromEntries(await this.#context.records.settings());
  }

  async setSetting({
    key,
    value,
  }: {
    key: string;
    value: string | null;
  }): Promise<Record<string, string>> {
    if (
      !/^[a-z][a-z0-9.-]{0,63}$/.test(key) ||
      (value !== null && utf8(value).length > SETTING_MAX_BYTES)
    ) {
      throw new ParleyError(
        "bad-setting",
        `A setting is a short word and at most ${SETTING_MAX_BYTES} bytes of text.`,
      );
    }
    await this.#context.records.setSetting(key, value);
    return this.settings();
  }

  async stop(): Promise<{ stopping: true }> {
    this.#context.init.timers.after(0, this.#context.init.onStop);
    return { stopping: true };
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    return this.#context.emitter.subscribe(listener);
  }

  #identity(): IdentityInfo {
    const { init, fingerprints, author, device, name } = this.#context;
    const key = device.certificate.device;
    return {
      name,
      fingerprint: fingerprints.of(author),
      author,
      device: toHex(key),
      peerId: init.peerIdOf(key),
      profile: init.profile,
      network: init.networkName,
    };
  }

  async #draft(room: JoinedRoom, kind: number, text: string): Promise<Draft> {
    const waiting = this.#rooms.list().reduce((sum, { outbox }) => sum + outbox.size, 0);
    if (waiting >= DRAFTS_MAX_COUNT) {
      throw new ParleyError("outbox-full", "Too many messages wait to be signed.", {
        hint: "{parley status} says what they wait for.",
      });
    }
    const key = this.#context.records.draftKey(++this.#draftNumber);
    const draft: Draft = {
      key,
      room: room.state.keys.name,
      kind,
      text,
      madeMs: this.#context.init.clock.nowMs(),
    };
    await this.#context.records.addDraft(draft);
    return draft;
  }

  /** The result of a send; with `waitMs` once another identity holds it, or the time is over. */
  async #awaitHolder(room: JoinedRoom, event: StoredEvent, waitMs = 0): Promise<SendResult> {
    const standing = () => room.state.delivery.of(event.device, event.seq);
    if (waitMs > 0 && standing().state !== "held" && !this.#closed) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel();
          this.#waiters.delete(check);
          resolve();
        };
        const check = (): void => {
          if (this.#closed || standing().state === "held") done();
        };
        const cancel = this.#context.init.timers.after(waitMs, done);
        this.#waiters.add(check);
      });
    }
    const id = toHex(event.id);
    return { id, room: room.state.keys.name, time: timeOf(event.moment), ...standing() };
  }

  #wake(): void {
    for (const check of this.#waiters) check();
  }

  #withRoom(roomId: Uint8Array, use: (room: JoinedRoom) => void): void {
    const room = this.#rooms.byId(roomId);
    if (room) use(room);
  }

  /** Everybody known here: writers, names, and peers on the line. */
  #people(): Person[] {
    const authors = new Set([this.#context.author]);
    for (const { state } of this.#rooms.list()) {
      for (const author of state.writers.keys()) authors.add(author);
    }
    for (const { author } of this.#presence.peers()) if (author !== "") authors.add(author);
    return [...authors].map((author) => this.#person(author));
  }

  #person(author: string, name = this.#presence.nameOf(author)): Person {
    return { author, name, fingerprint: this.#context.fingerprints.of(author) };
  }

  #judgeClock(): void {
    const { clockCheck, notices } = this.#context;
    const { offsetMs } = clockCheck;
    if (offsetMs !== null && Math.abs(offsetMs) > CLOCK_WRONG_MS) {
      const direction = offsetMs < 0 ? "ahead of" : "behind";
      const others =
        clockCheck.peers === 1 ? "the other person here" : `the ${clockCheck.peers} others here`;
      const waits = clockCheck.ahead ? " Your messages wait unsigned until it is right." : "";
      notices.set({
        level: "warn",
        code: "clock-wrong",
        text: `Your clock is ${roughly(offsetMs)} ${direction} that of ${others}.${waits}`,
        hint: "Set the computer's time, best automatically; parley notices by itself.",
      });
    } else {
      notices.clear("clock-wrong");
    }
    this.#rooms.pump();
  }

  /**
   * Signs with a new device key from now on. @param batchWaits whether a batch being signed asked for it; the
   * node then keeps running under the old key's address until the batch is done.
   */
  #replaceDevice(batchWaits: boolean): Promise<void> {
    this.#retiring ??= this.#replaceDeviceNow(batchWaits).finally(() => {
      this.#retiring = undefined;
    });
    return this.#retiring;
  }

  async #replaceDeviceNow(batchWaits: boolean): Promise<void> {
    const { init, notices, link } = this.#context;
    const running = this.#networkState === "on";
    this.#context.device = await init.retireDevice();
    this.#context.signer = init.crypto.signer(this.#context.device.seed);
    await this.#rooms.adoptDevice();
    notices.set({
      level: "warn",
      code: "device-replaced",
      text: "Another copy of this device's key has written. This device goes on with a new key; you stay the same person.",
      hint: "Do not run a copied profile twice: on the other machine use {parley id restore}.",
    });
    this.#context.emitter.emit({ type: "me", identity: this.#identity() });
    if (!running || this.#closed) return;
    const restart = async (): Promise<void> => {
      this.#networkState = "off";
      await link.stop();
      await this.startNetwork();
    };
    if (batchWaits) void restart();
    else await restart();
  }
}

/** Beyond this the person is told that the clock is wrong; beyond a minute ahead nothing is signed. */
const CLOCK_WRONG_MS = 60_000;

function offline(): Promise<never> {
  return Promise.reject(new ParleyError("network-off", "The network is switched off."));
}

function timeOf(moment: number): string {
  return new Date(msOf(moment)).toISOString();
}
