/** People with real services over a virtual network and a virtual clock, all in one room. */
import type { AppEvent } from "../../src/app/api.ts";
import { createService, type ParleyService } from "../../src/app/service.ts";
import { toHex, utf8 } from "../../src/core/codec/bytes.ts";
import { x25519PublicKey, x25519SecretKey } from "../../src/core/crypto/x25519.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import { EPOCH_MS, momentOf } from "../../src/core/log/clock.ts";
import { networkId, openRoom } from "../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { Writer } from "./events.ts";
import { MemoryDisk } from "./memory-kv.ts";
import { openMemoryStore } from "./memory-store.ts";
import { promptCrypto } from "./prompt-crypto.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualNetwork, type VirtualTransport } from "./virtual-network.ts";
import { VirtualTime } from "./virtual-time.ts";

const silent = (): void => undefined;
const logger = { debug: silent, info: silent, warn: silent };
export const ROOM = openRoom(nodeCrypto, networkId(nodeCrypto, "unit"), "#lobby");

export type PersonInScene = Awaited<ReturnType<Scene["person"]>>;

export class Scene {
  readonly time = new VirtualTime();
  readonly network = new VirtualNetwork(this.time, 1);

  async person(
    number: number,
    options: {
      aheadMs?: number | (() => number);
      disk?: MemoryDisk;
      certifiedMsAgo?: number;
      /** Another device of this person. */
      device?: string;
      /** Whether it was restored, and is in no room yet. */
      restored?: boolean;
      /** Whether this device holds the phrase. */
      hasPhrase?: boolean;
    } = {},
  ) {
    const seed = nodeCrypto.sha256(utf8(`device ${number}${options.device ?? ""}`));
    const root = nodeCrypto.signer(new Uint8Array(32).fill(number));
    const certificate = createCertificate(root, {
      device: nodeCrypto.signer(seed).publicKey,
      x25519: x25519PublicKey(x25519SecretKey(nodeCrypto, seed)),
      serial: Math.floor(this.time.nowMs()) - EPOCH_MS - (options.certifiedMsAgo ?? 0),
    });
    const disk = options.disk ?? new MemoryDisk();
    const { store } = await openMemoryStore(disk);
    let transport: VirtualTransport | undefined;
    const service: ParleyService = await createService({
      store,
      profile: "default",
      networkName: "unit",
      device: { seed, certificate },
      restored: options.restored === true,
      ...(options.hasPhrase ? { rootSign: (message: Uint8Array) => root.sign(message) } : {}),
      name: `person${number}`,
      createTransport: async (deviceSeed) =>
        (transport = this.network.node(nodeCrypto.signer(deviceSeed).publicKey)),
      retireDevice: () => Promise.reject(new Error("not in this test")),
      peerIdOf: toHex,
      onStop: silent,
      crypto: promptCrypto,
      clock: {
        nowMs: () => {
          const { aheadMs = 0 } = options;
          return (
            Math.floor(this.time.nowMs()) + (typeof aheadMs === "number" ? aheadMs : aheadMs())
          );
        },
      },
      timers: this.time,
      random: new SeededRandom(number),
      logger,
      version: "test",
      pid: 1,
      localOnly: true,
    });
    const events: AppEvent[] = [];
    service.subscribe((event) => events.push(event));
    if (!options.restored) await service.join({ room: "lobby" });
    await service.startNetwork();
    const log = await store.room(ROOM.roomId);
    return { service, store, disk, events, log, transport: () => transport as VirtualTransport };
  }
}

/** Texts of an hour ago by somebody else, in a network in which everything takes 5 ms. */
export async function giveHistory(
  { time, network }: Scene,
  { store, log }: PersonInScene,
  count: number,
): Promise<void> {
  const writer = new Writer(ROOM.roomId, 50);
  const { root, device, serial, wire } = writer.certificate;
  await store.putCertificate(root, device, serial, wire);
  const hourAgo = momentOf(time.nowMs() - 3_600_000);
  const old = Array.from({ length: count }, (_, i) =>
    writer.write(`${i}`, { moment: hourAgo + i }),
  );
  await log.append(old.map((event) => ({ event, proof: "verified", counts: true })));
  network.conditions = () => ({ delayMinMs: 5, delayMaxMs: 5, loss: 0, duplicates: 0 });
}
