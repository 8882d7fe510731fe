/**
 * One parley node as the benchmark drives it: real store, real libp2p over loopback TCP, the same service that every
 * client uses. Also the adapter for other harnesses that compare chats (bench/peers-adapter.mjs).
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex } from "../src/core/codec/bytes.ts";
import type { ParleyService } from "../src/app/service.ts";
import { createService } from "../src/app/service.ts";
import { createCertificate } from "../src/core/identity/certificate.ts";
import { rememberPeer, savedPeers } from "../src/app/records.ts";
import type { Logger, RoomLog } from "../src/core/interfaces.ts";
import { KIND_NAME, KIND_TEXT } from "../src/core/log/types.ts";
import { readContent } from "../src/core/log/content.ts";
import { networkId, openRoom } from "../src/core/room/open-room.ts";
import { nodeCrypto } from "../src/node/crypto.ts";
import { systemClock, systemRandom, systemTimers } from "../src/node/platform.ts";
import { openStore } from "../src/storage/index.ts";
import { fill, type Filling } from "./fill.ts";
import { now } from "./measure.ts";

const OPEN_ROOM = "bench";
const PRIVATE_ROOM = "sealed";

const silent = (): void => undefined;
export const silentLogger: Logger = { debug: silent, info: silent, warn: silent };

export interface OpenOptions {
  readonly dir: string;
  /** Name of the network, so that runs never meet. */
  readonly room: string;
  readonly role: string;
  /** "sync": each own event is on the disk before `append` resolves (parley's default). */
  readonly durability?: "sync" | "process";
  /** The key of a sealed store, 32 bytes: as a profile with a passphrase has it. */
  readonly storeKey?: Uint8Array;
  /** A private room instead of an open one; somebody founds it, the others enter it. */
  readonly private?: boolean;
}

/** The identity of a benchmark folder, made on first use. */
async function identityOf(dir: string) {
  const file = join(dir, "identity.json");
  const made = { root: randomBytes(32).toString("hex"), device: randomBytes(32).toString("hex") };
  const text = await readFile(file, "utf8").catch(async () => {
    await writeFile(file, JSON.stringify(made));
    return JSON.stringify(made);
  });
  const { root, device } = JSON.parse(text) as typeof made;
  const seed = new Uint8Array(Buffer.from(device, "hex"));
  const rootSigner = nodeCrypto.signer(new Uint8Array(Buffer.from(root, "hex")));
  const deviceKey = nodeCrypto.signer(seed).publicKey;
  const serial = Date.now() - Date.UTC(2025, 0, 1);
  const certificate = createCertificate(rootSigner, {
    device: deviceKey,
    x25519: new Uint8Array(32).fill(9),
    serial,
  });
  return { seed, certificate };
}

export async function open(options: OpenOptions) {
  const { dir, room, role, durability = "sync", storeKey } = options;
  const ROOM = options.private ? PRIVATE_ROOM : OPEN_ROOM;
  mkdirSync(dir, { recursive: true });
  const device = await identityOf(dir);
  const store = await openStore({
    path: join(dir, "store"),
    logger: silentLogger,
    createIfMissing: true,
    durability,
    key: storeKey,
  });
  const networkName = `bench-${room}`;
  const transport = async (deviceSeed: Uint8Array) => {
    const { createTransport } = await import("../src/network/index.ts");
    return createTransport({
      deviceSeed,
      networkName,
      listen: ["/ip4/127.0.0.1/tcp/0"],
      announce: [],
      bootstrap: [],
      localOnly: true,
      runtimeDir: undefined,
      savedPeers: () => savedPeers(store, networkName),
      rememberPeer: (address) => void rememberPeer(store, networkName, address, Date.now()),
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    });
  };
  let starting: Promise<ParleyService> | undefined;
  let online = false;
  const listeners: ((text: string) => void)[] = [];
  const startService = (): Promise<ParleyService> => (starting ??= makeService());
  /** Until the network is asked for there is none: a node that has one signs nothing before somebody has confirmed its head. */
  const startOnline = async (): Promise<ParleyService> => {
    if (!online) {
      online = true;
      await (await starting)?.close("bench");
      starting = undefined;
    }
    const running = await startService();
    await running.startNetwork();
    return running;
  };
  const hear = (running: ParleyService, callback: (text: string) => void): void => {
    running.subscribe((event) => {
      if (event.type === "message" && !event.message.mine) callback(event.message.text);
    });
  };
  const makeService = async (): Promise<ParleyService> => {
    const service = await createService({
      store,
      profile: role,
      networkName,
      device,
      name: role,
      ...(online ? { createTransport: transport } : {}),
      retireDevice: () => Promise.reject(new Error("a benchmark never retires a device")),
      peerIdOf: () => "",
      onStop: silent,
      crypto: nodeCrypto,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      logger: silentLogger,
      version: "bench",
      pid: process.pid,
      localOnly: true,
    });
    if (!options.private) await service.join({ room: ROOM });
    for (const listener of listeners) hear(service, listener);
    return service;
  };
  const keys = openRoom(nodeCrypto, networkId(nodeCrypto, networkName), `#${ROOM}`);
  const log = await store.room(keys.roomId);
  let only: RoomLog | undefined;
  const read = async (limit: number): Promise<string[]> => {
    const events = await log.read({ reverse: true, limit });
    return events
      .filter((event) => event.kind === KIND_TEXT)
      .map((event) => readContent(event)?.text ?? "");
  };
  /** Name events are stored too; the harness counts texts. Nobody here says a name twice. */
  const names = async (): Promise<number> => (await log.latest(KIND_NAME)).size;

  return {
    async append(text: string): Promise<void> {
      await (await startService()).send({ room: ROOM, text });
    },
    async appendMany(texts: readonly string[]): Promise<void> {
      const running = await startService();
      await Promise.all(texts.map((text) => running.send({ room: ROOM, text })));
    },
    onText(callback: (text: string) => void): void {
      listeners.push(callback);
      void starting?.then((running) => hear(running, callback));
    },
    /** For other harnesses, before a clock of what is live begins: others have loaded and made their network with their store. */
    async watch(): Promise<void> {
      await startOnline();
    },
    async count(): Promise<number> {
      return log.count() - (await names());
    },
    /** Whether there are so many texts; costs nothing before they may be. */
    async holds(count: number): Promise<boolean> {
      return log.count() >= count && log.count() - (await names()) >= count;
    },
    async last(count: number): Promise<string[]> {
      return (await read(count)).reverse();
    },
    async readAll(): Promise<string[]> {
      return (await read(1_000_000)).reverse();
    },
    async listen(): Promise<string> {
      const running = await startOnline();
      const [address] = await running.addresses();
      if (!address) throw new Error(JSON.stringify((await running.status()).notices));
      return address.address;
    },
    async connect(address: string): Promise<void> {
      const running = await startOnline();
      await running.connect({ address });
    },
    /** How many others are in the room now. */
    async here(): Promise<number> {
      const rooms = await (await startService()).rooms();
      return rooms.find(({ room }) => room === `#${ROOM}`)?.here ?? 0;
    },
    /** Founds the private room. @returns a ticket for who enters it */
    async found(): Promise<string> {
      const running = await startService();
      await running.createRoom({ name: ROOM, private: true });
      return (await running.invite({ room: ROOM, uses: null })).ticket;
    },
    /** Comes into the private room of somebody who is connected. */
    async enter(ticket: string): Promise<void> {
      const running = await startService();
      await running.join({ room: ticket });
    },
    /** Devices that somebody has named a key for in the private room. */
    async devices(): Promise<number> {
      const entries = await (await startService()).roomLog({ room: ROOM });
      return entries.filter(({ kind }) => kind === "device").length;
    },
    /** Events of the only room, names too: in a private one nobody can tell them apart. */
    async stored(): Promise<number> {
      if (!only) {
        const [info] = await (await startService()).rooms();
        if (!info) throw new Error("no room was entered");
        only = await store.room(fromHex(info.roomId));
      }
      return only.count();
    },
    /** Joins further rooms, each with a message of its own. */
    async joinRooms(count: number): Promise<void> {
      const running = await startService();
      for (let i = 0; i < count; i++) {
        const name = `room-${i}`;
        await running.join({ room: name });
        await running.send({ room: name, text: `hello ${i}` });
      }
    },
    /** ms of a first page of hits, everything being indexed. */
    async search(words: string, order: "newest" | "best" = "newest"): Promise<number> {
      const running = await startService();
      while (await store.index.step(true));
      const startMs = now();
      await running.search({ words, limit: 50, order });
      return now() - startMs;
    },
    /** Fills the room with a history by others (bench/fill.ts). */
    async fill(filling: Filling): Promise<void> {
      await fill(store, log, filling);
    },
    async close(): Promise<void> {
      await (await starting)?.close("bench");
      await store.close();
    },
  };
}
