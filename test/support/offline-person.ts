/** The real service of one person over a store in memory, without a network. */
import type { AppEvent } from "../../src/app/api.ts";
import type { OwnDevice } from "../../src/app/context.ts";
import { createService, type ParleyService } from "../../src/app/service.ts";
import { toHex, utf8 } from "../../src/core/codec/bytes.ts";
import type { Crypto } from "../../src/core/crypto/port.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import type { RoomLog } from "../../src/core/interfaces.ts";
import { networkId, openRoom, type RoomKeys } from "../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import type { KvStore } from "../../src/storage/store.ts";
import { openMemoryStore } from "./memory-store.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualTime } from "./virtual-time.ts";

const silent = (): void => undefined;
const NETWORK = "unit";
export const LOBBY: RoomKeys = openRoom(nodeCrypto, networkId(nodeCrypto, NETWORK), "#lobby");

export interface OfflinePerson {
  readonly service: ParleyService;
  readonly store: KvStore;
  readonly log: RoomLog;
  readonly time: VirtualTime;
  readonly events: AppEvent[];
  /** Device keys made because another copy had signed. */
  readonly retired: OwnDevice[];
}

/**
 * @param room joined at once, and whose log `log` is
 * @param disk the store of somebody who has closed it
 * @param crypto what the service signs with
 */
export async function offlinePerson(
  number: number,
  room = LOBBY,
  disk?: KvStore,
  crypto: Crypto = nodeCrypto,
): Promise<OfflinePerson> {
  const time = new VirtualTime();
  const root = nodeCrypto.signer(new Uint8Array(32).fill(number));
  const deviceOf = (text: string): OwnDevice => {
    const seed = nodeCrypto.sha256(utf8(text));
    const { publicKey } = nodeCrypto.signer(seed);
    const x25519 = new Uint8Array(32);
    return { seed, certificate: createCertificate(root, { device: publicKey, x25519, serial: 1 }) };
  };
  const store = disk ?? (await openMemoryStore()).store;
  const retired: OwnDevice[] = [];
  const service = await createService({
    store,
    profile: "default",
    networkName: NETWORK,
    device: deviceOf(`device ${number}`),
    name: `person${number}`,
    retireDevice: async () => {
      retired.push(deviceOf(`device ${number} ${retired.length}`));
      return retired.at(-1) as OwnDevice;
    },
    peerIdOf: toHex,
    onStop: silent,
    crypto,
    clock: { nowMs: () => Math.floor(time.nowMs()) },
    timers: time,
    random: new SeededRandom(number),
    logger: { debug: silent, info: silent, warn: silent },
    version: "test",
    pid: 1,
    localOnly: true,
  });
  const events: AppEvent[] = [];
  service.subscribe((event) => events.push(event));
  await service.join({ room: room.name });
  return { service, store, log: await store.room(room.roomId), time, events, retired };
}
