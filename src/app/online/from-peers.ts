/** What replication tells, handed to the parts it concerns. */
import { toHex } from "../../core/codec/bytes.ts";
import type { StoredEvent } from "../../core/log/types.ts";
import type { RoomKeys } from "../../core/room/open-room.ts";
import type { ReplicatorListener } from "../../core/sync/replicator.ts";
import type { Context } from "../context.ts";
import type { Devices } from "../devices/devices.ts";
import type { DirectMessages } from "../direct/direct-messages.ts";
import type { CarriedRoom } from "../../core/sync/frames.ts";
import type { OwnedRooms } from "../owned/owned-rooms.ts";
import type { Recall } from "../devices/recall.ts";
import type { Membership } from "../networks/membership.ts";
import type { People } from "../people/people.ts";
import type { Presence } from "../people/presence.ts";
import type { JoinedRoom } from "../rooms/room.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Sending } from "../rooms/sending.ts";
import type { Retention } from "../rooms/retention.ts";
import type { SignatureChecks } from "../upkeep/signature-checks.ts";
import type { CatchUps } from "./catch-ups.ts";
import { tellClock } from "./clock-verdict.ts";
import type { DeviceKey } from "./device-key.ts";

export interface FromPeersInit {
  readonly context: Context;
  readonly rooms: Rooms;
  readonly sending: Sending;
  readonly people: People;
  readonly presence: Presence;
  readonly devices: Devices;
  readonly recall: Recall;
  readonly catchUps: CatchUps;
  readonly retention: Retention;
  readonly checks: SignatureChecks;
  readonly deviceKey: DeviceKey;
  readonly owned: OwnedRooms;
  readonly conversations: DirectMessages;
  /** Of a private network. */
  readonly membership: Membership | undefined;
}

type Told<Name extends keyof ReplicatorListener> = Parameters<
  NonNullable<ReplicatorListener[Name]>
>;

export class FromPeers implements ReplicatorListener {
  readonly #init: FromPeersInit;

  constructor(init: FromPeersInit) {
    this.#init = init;
  }

  /** What is said live is shown while it is written: whoever then reads waits for the disk. */
  coming(...[keys, stored]: Told<"coming">): void {
    if (this.#init.membership?.owns(keys.roomId)) return;
    this.#in(keys, (room) => this.#init.rooms.arrivals.show(room, stored));
  }

  stored(...[keys, stored, source]: Told<"stored">): void {
    const { context, rooms, catchUps, checks, membership, retention } = this.#init;
    if (membership?.owns(keys.roomId)) return membership.arrived(stored);
    const { clock, logger } = context.init;
    const events = stored.map(({ event }) => event);
    checks.stored(keys.roomId, events).catch((error: unknown) => {
      logger.debug("what to check was not kept", { error: String(error) });
    });
    this.#in(keys, (room) => {
      const opened = (event: StoredEvent): StoredEvent => room.state.opened(event);
      if (source !== "live")
        rooms.arrivals.show(room, stored, catchUps.tells(keys.name, stored, clock.nowMs(), opened));
      rooms.arrivals.stored(room, events);
      retention.grew(room);
    });
  }

  held(...[keys, device, seq, holder]: Told<"held">): void {
    const { rooms, sending, membership } = this.#init;
    this.#in(keys, (room) => {
      rooms.standings.held(room, device, seq, holder);
      sending.wake();
    });
    if (membership?.owns(keys.roomId)) membership.held();
  }

  /** Of somebody who is blocked, and of a revoked device, nothing is handed on; it is kept, because all hold the same. */
  forwards(root: Uint8Array, device: Uint8Array): boolean {
    const { book, revocations } = this.#init.context;
    const author = toHex(root);
    return !book.isBlocked(author) && !revocations.isRevoked(author, toHex(device));
  }

  greeted(...[peer, root, offsetMs]: Told<"greeted">): void {
    const { context, rooms, presence, devices, recall, owned, conversations } = this.#init;
    if (context.link.shuns(toHex(root), peer.peerId)) return;
    if (devices.refuses(toHex(root), peer)) return;
    recall.greeted(peer);
    devices.networks.greeted(peer);
    owned.keys.greeted(peer);
    conversations.greeted(peer);
    context.clockCheck.set(peer.peerId, offsetMs);
    tellClock(context);
    rooms.pump();
    presence.changed();
  }

  named(...[root, name]: Told<"named">): void {
    this.#init.people.claim(toHex(root), name);
    this.#init.presence.changed();
  }

  /** A peer has events of this device that are not here: a copy of it has signed. */
  ownAhead(...[keys]: Told<"ownAhead">): void {
    this.#in(keys, () => void this.#init.deviceKey.replace(false));
  }

  confirmed(...[keys]: Told<"confirmed">): void {
    this.#in(keys, ({ gate }) => gate.settle());
  }

  equal(): void {}

  carried(): readonly CarriedRoom[] {
    return this.#init.owned.carried();
  }

  served(): void {
    this.#init.context.indexing.later();
  }

  progress(...[keys, peerId, done, total]: Told<"progress">): void {
    this.#init.catchUps.progress(keys.name, peerId, done, total);
  }

  ended(...[keys, peerId]: Told<"ended">): void {
    const { rooms, catchUps } = this.#init;
    const untold = catchUps.ended(keys.name, peerId);
    if (untold > 0) this.#in(keys, (room) => rooms.news.reread(room, untold));
  }

  floorMoved(...[keys]: Told<"floorMoved">): void {
    const { news } = this.#init.rooms;
    this.#in(keys, (room) => {
      news.changed(room);
      news.reread(room);
    });
  }

  #in({ roomId }: Pick<RoomKeys, "roomId">, use: (room: JoinedRoom) => void): void {
    const room = this.#init.rooms.byId(roomId);
    if (room) use(room);
  }
}
