/** The part of ParleyApi about the devices of this person. */
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

export interface DevicesApi {
  /** Every device of this identity that is known here. */
  devices(): Promise<DeviceInfo[]>;
  /** @param request.device key, unambiguous prefix of ≥ 8 digits, or name; `name` null takes the name away. @throws `unknown-device`, `ambiguous-device` */
  nameDevice(request: { device: string; name: string | null }): Promise<DeviceInfo>;
  /** Says in every joined room that a device writes no more. For good. @throws `unknown-device`, `device-own` */
  revokeDevice(request: { device: string }): Promise<DeviceInfo>;
}
