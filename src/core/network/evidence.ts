/**
 * What shows a member who was away for long that a secret is the network's: the rotation that commits to it, and how whoever
 * wrote that came to be one who may. Events of the log as they are, each with the certificate of its author
 * (docs/spec/private-networks.md).
 */
import { equal, toHex } from "../codec/bytes.ts";
import { isParleyError } from "../codec/errors.ts";
import { EVIDENCE_EVENTS_MAX_COUNT, EVIDENCE_MAX_BYTES } from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { decodeCertificate } from "../identity/certificate.ts";
import { comparePositions } from "../log/order.ts";
import { decodePage, encodePage, type PageAuthor, pageSize } from "../log/page.ts";
import { authenticate } from "../log/runs.ts";
import type { LogEvent } from "../log/types.ts";
import type { Members } from "./members.ts";
import { commitmentOf, networkLog } from "./secret.ts";

/** The events that prove a secret, or none where no rotation brought it. @param device of the member who lacks it */
export function evidenceFor(
  crypto: Crypto,
  network: Uint8Array,
  members: Members,
  secret: Uint8Array,
  device: Uint8Array,
): LogEvent[] {
  const commitment = commitmentOf(crypto, network, secret);
  const parts = members
    .view()
    .rotations.filter(({ record }) => equal(record.commitment, commitment));
  const [first] = parts;
  if (!first) return [];
  const own = parts.find(({ record }) => record.boxes.some(([to]) => equal(to, device)));
  const events = [(own ?? first).event];
  const explained = new Set<string>();
  // Who wrote it may have come after the one who asks went away, let in by others who came then.
  for (const event of events) {
    const why = members.admissionsOf(event.root);
    for (const { event: admission, record } of why) {
      const id = toHex(admission.id);
      if (explained.has(id) || events.length >= EVIDENCE_EVENTS_MAX_COUNT) continue;
      explained.add(id);
      events.push(admission, ...members.admissionsOf(record.invite.root).map((it) => it.event));
    }
  }
  return fitting(events);
}

/** @param certificateOf of the author's device */
export function encodeEvidence(
  events: readonly LogEvent[],
  certificateOf: (root: Uint8Array, device: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  return encodePage([...events].sort(comparePositions), certificateOf);
}

/** The events that are what they claim to be, by devices that are certified. Nothing where the bytes are no page. */
export function readEvidence(crypto: Crypto, network: Uint8Array, bytes: Uint8Array): LogEvent[] {
  return certifiedEvents(crypto, networkLog(crypto, network).roomId, bytes);
}

/** The same of any room. */
export function certifiedEvents(crypto: Crypto, roomId: Uint8Array, bytes: Uint8Array): LogEvent[] {
  try {
    const { authors, events } = decodePage(crypto, roomId, bytes);
    const certified = authors.filter((author) => isCertified(crypto, author));
    return authenticate(crypto, events)
      .map(({ event }) => event)
      .filter((event) =>
        certified.some(
          ({ root, device }) => equal(root, event.root) && equal(device, event.device),
        ),
      );
  } catch (error) {
    if (isParleyError(error, "bad-page")) return [];
    throw error;
  }
}

function isCertified(crypto: Crypto, { root, device, certificate }: PageAuthor): boolean {
  if (!certificate) return false;
  try {
    const known = decodeCertificate(crypto, certificate);
    return equal(known.root, root) && equal(known.device, device);
  } catch (error) {
    if (isParleyError(error, "bad-certificate")) return false;
    throw error;
  }
}

/** As many as go into an answer, each once, the rotation first. */
function fitting(events: readonly LogEvent[]): LogEvent[] {
  const chosen = new Map<string, LogEvent>();
  let bytes = 0;
  for (const event of events) {
    bytes += pageSize(event);
    if (bytes > EVIDENCE_MAX_BYTES) break;
    chosen.set(toHex(event.id), event);
  }
  return [...chosen.values()];
}
