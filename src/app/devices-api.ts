/** The part of ParleyApi about the devices of this person. */
import type { AddressInfo } from "./api.ts";

export interface DeviceInfo {
  /** Device key, hex. */
  readonly device: string;
  readonly peerId: string;
  /** What this person calls it here. */
  readonly name?: string;
  /** The one that answers. */
  readonly current: boolean;
  /** Connected now. */
  readonly here: boolean;
  readonly revoked: boolean;
  /** RFC 3339 of its newest message, absent where none is stored. */
  readonly lastTime?: string;
}

/** A ticket by which another device becomes one of this identity. */
export interface DeviceTicketInfo {
  readonly ticket: string;
  /** RFC 3339. */
  readonly expires: string;
  /** Where the new device looks for this one. */
  readonly addresses: readonly AddressInfo[];
}

export interface LinkedDevice {
  /** Device key, hex. */
  readonly device: string;
  /** What its machine is called; "" where it did not say. */
  readonly name: string;
  /** Small records that did not fit and stay behind. */
  readonly left: number;
}

export interface DevicesApi {
  /** Every device of this identity that is known here. */
  devices(): Promise<DeviceInfo[]>;
  /** @param request.device key, unambiguous prefix of ≥ 8 digits, or name; `name` null takes the name away. @throws `unknown-device`, `ambiguous-device` */
  nameDevice(request: { device: string; name: string | null }): Promise<DeviceInfo>;
  /** A ticket for one device, used once; the one made before ends. @throws `no-phrase`, `device-revoked`, `bad-terms`, `no-address` */
  linkDevice(request: { lifetimeMs?: number }): Promise<DeviceTicketInfo>;
  /** Resolves when a device has been linked by it. @throws `link-expired`, `link-unknown`, `bad-ticket` */
  linkedDevice(request: { ticket: string }): Promise<LinkedDevice>;
  /** Says in every joined room that a device writes no more. For good. @throws `unknown-device`, `device-own` */
  revokeDevice(request: { device: string }): Promise<DeviceInfo>;
}
