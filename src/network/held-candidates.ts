/**
 * Where WebRTC begins on this side, the other side hears of our addresses only once its answer has been taken in. The native part
 * takes the answer in two steps, the key by which the other side is known after what opens the way: whoever is already looking
 * for us comes through in between, is not known, and both ends are closed. On a busy machine that was one dial of four, and what
 * waited for the connection waited for all of its time.
 */
import { RTCPeerConnection } from "node-datachannel/polyfill";

type Description = Parameters<RTCPeerConnection["setRemoteDescription"]>[0];

let installed = false;

/** Once for the whole process: the library makes its connections itself. */
export function holdCandidates(): void {
  if (installed) return;
  installed = true;
  const { prototype } = RTCPeerConnection;
  const takeIn: unknown = Reflect.get(prototype, "setRemoteDescription");
  const held = new WeakMap<RTCPeerConnection, Event[]>();
  Object.assign(prototype, {
    dispatchEvent(this: RTCPeerConnection, event: Event): boolean {
      const isEarly = event.type === "icecandidate" && this.signalingState === "have-local-offer";
      if (!isEarly) return EventTarget.prototype.dispatchEvent.call(this, event);
      held.set(this, [...(held.get(this) ?? []), event]);
      return true;
    },
    async setRemoteDescription(this: RTCPeerConnection, answer: Description): Promise<void> {
      await (takeIn as (answer: Description) => Promise<void>).call(this, answer);
      const events = held.get(this) ?? [];
      held.delete(this);
      for (const event of events) EventTarget.prototype.dispatchEvent.call(this, event);
    },
  });
}
