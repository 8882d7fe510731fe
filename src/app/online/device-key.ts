/** The device key of this profile, and the change to a new one when another copy of it has signed. */
import type { Context } from "../context.ts";
import type { Profile } from "../profile.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Online } from "./online.ts";

export interface DeviceKeyInit {
  readonly context: Context;
  readonly profile: Profile;
  readonly rooms: () => Rooms;
  readonly online: () => Online;
}

export class DeviceKey {
  readonly #init: DeviceKeyInit;
  #replacing: Promise<void> | undefined;

  constructor(init: DeviceKeyInit) {
    this.#init = init;
  }

  /**
   * Signs with a new device key from now on. @param batchWaits whether a batch being signed asked for it; the
   * node then keeps running under the old key's address until the batch is done.
   */
  replace(batchWaits: boolean): Promise<void> {
    this.#replacing ??= this.#replace(batchWaits).finally(() => {
      this.#replacing = undefined;
    });
    return this.#replacing;
  }

  async #replace(batchWaits: boolean): Promise<void> {
    const { context, profile, rooms, online } = this.#init;
    const { init, notices, emitter } = context;
    const running = online().state === "on";
    context.device = await init.retireDevice();
    context.signer = init.crypto.signer(context.device.seed);
    await rooms().adoptDevice();
    notices.set({
      level: "warn",
      code: "device-replaced",
      text: "Another copy of this device's key has written. This device goes on with a new key; you stay the same person.",
      hint: "Do not run a copied profile twice: on the other machine use {parley id restore}.",
    });
    emitter.emit({ type: "me", identity: profile.identity() });
    if (!running) return;
    const restarted = online().restart();
    if (!batchWaits) await restarted;
  }
}
