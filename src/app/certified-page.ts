/** Events as a page that proves itself to somebody who has none of the room: with the certificates of their authors. */
import { equal, toHex } from "../core/codec/bytes.ts";
import type { LogEvent } from "../core/log/types.ts";
import { encodeEvidence } from "../core/network/evidence.ts";
import type { Context } from "./context.ts";

export async function certifiedPage(
  { init, device: own }: Context,
  events: readonly LogEvent[],
): Promise<Uint8Array> {
  const certificates = new Map<string, Uint8Array>();
  for (const { root, device } of events) {
    const isOwn = equal(device, own.certificate.device);
    const wire = isOwn ? own.certificate.wire : await init.store.certificate(root, device);
    if (wire) certificates.set(toHex(device), wire);
  }
  return encodeEvidence(events, (_, device) => certificates.get(toHex(device)));
}
