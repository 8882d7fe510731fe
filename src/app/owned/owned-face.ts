/** The part of the service that is about rooms with an owner: hands each request to the part that answers it. */
import type { AddressInfo } from "../api.ts";
import type { ListedRoom, OwnedApi, OwnedRoomInfo, RoomLogEntry } from "../owned-api.ts";
import type { OwnedRooms } from "./owned-rooms.ts";

type Owned<Name extends keyof OwnedApi> = Parameters<OwnedApi[Name]>[0];

export abstract class OwnedFace implements OwnedApi {
  protected abstract readonly owned: OwnedRooms;

  abstract addresses(): Promise<AddressInfo[]>;

  createRoom(request: Owned<"createRoom">): Promise<OwnedRoomInfo> {
    return this.owned.create(request);
  }

  roomDetails({ room }: { room: string }): Promise<OwnedRoomInfo> {
    return this.owned.details(room);
  }

  setTopic(request: Owned<"setTopic">): Promise<OwnedRoomInfo> {
    return this.owned.setTopic(request);
  }

  setPolicy(request: Owned<"setPolicy">): Promise<OwnedRoomInfo> {
    return this.owned.setPolicy(request);
  }

  async setRank(request: Owned<"setRank">): Promise<RoomLogEntry> {
    return this.owned.setRank(request);
  }

  async promote(request: Owned<"promote">): Promise<RoomLogEntry> {
    return this.owned.promote(request);
  }

  async removeMember(request: Owned<"removeMember">): Promise<RoomLogEntry> {
    return this.owned.remove(request);
  }

  async restoreMember(request: Owned<"restoreMember">): Promise<RoomLogEntry> {
    return this.owned.restore(request);
  }

  async checkpoint({ room }: { room: string }): Promise<RoomLogEntry> {
    return this.owned.checkpoint(room);
  }

  successorKey({ room }: { room: string }): Promise<{ room: string; key: string }> {
    return this.owned.successorKey(room);
  }

  takeOver(request: Owned<"takeOver">): Promise<RoomLogEntry> {
    return this.owned.takeOver(request);
  }

  async roomLog({ room }: { room: string }): Promise<RoomLogEntry[]> {
    return this.owned.log(room);
  }

  async invite(request: Owned<"invite">): ReturnType<OwnedApi["invite"]> {
    return this.owned.invite(request, await this.addresses());
  }

  async requests({ room }: { room: string }): ReturnType<OwnedApi["requests"]> {
    return this.owned.requests(room);
  }

  async answerRequest(request: Owned<"answerRequest">): Promise<RoomLogEntry> {
    return this.owned.answerRequest(request);
  }

  async invites({ room }: { room: string }): ReturnType<OwnedApi["invites"]> {
    return this.owned.invites(room);
  }

  async revokeInvite(request: Owned<"revokeInvite">): Promise<RoomLogEntry> {
    return this.owned.revokeInvite(request);
  }

  async undoBranch(request: Owned<"undoBranch">): Promise<RoomLogEntry[]> {
    return this.owned.undoBranch(request);
  }

  async publicRooms(): Promise<ListedRoom[]> {
    return this.owned.listed();
  }
}
