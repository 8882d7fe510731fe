/**
 * Fills a store with the history of a room: really signed, by any number of authors taking turns, at any times. The same
 * arguments make the same events.
 */
import { createCertificate } from "../src/core/identity/certificate.ts";
import type { RoomLog, Store } from "../src/core/interfaces.ts";
import { momentOf } from "../src/core/log/clock.ts";
import { encodeText } from "../src/core/log/content.ts";
import { createEvent } from "../src/core/log/event.ts";
import { KIND_TEXT, type LogEvent } from "../src/core/log/types.ts";
import { nodeCrypto } from "../src/node/crypto.ts";
import { sentence, text } from "./measure.ts";

const BATCH = 1_000;

export interface Filling {
  readonly count: number;
  readonly authors: number;
  /** Number of the first author; others make other events. */
  readonly firstAuthor: number;
  /** Time of the first and of the last message, in ms since the Unix epoch. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Sentences of words instead of noise. */
  readonly words?: boolean;
}

export async function fill(
  store: Store,
  log: RoomLog,
  { count, authors, firstAuthor, fromMs, untilMs, words = false }: Filling,
): Promise<void> {
  const textOf = words ? sentence : text;
  const writers = Array.from({ length: authors }, (_, i) => writer(firstAuthor + i));
  for (const { certificate } of writers) {
    const { root, device, serial, wire } = certificate;
    await store.putCertificate(root, device, serial, wire);
  }
  const last: (LogEvent | undefined)[] = [];
  let newest: LogEvent | undefined;
  const stepMoments = ((untilMs - fromMs) * 4096) / Math.max(1, count);
  let batch: LogEvent[] = [];
  for (let i = 0; i < count; i++) {
    const turn = i % authors;
    const { root, signer } = writers[turn] as ReturnType<typeof writer>;
    const before = last[turn];
    const event: LogEvent = createEvent(nodeCrypto, {
      roomId: log.roomId,
      root,
      signer,
      kind: KIND_TEXT,
      seq: (before?.seq ?? 0) + 1,
      prev: before?.id ?? null,
      parents: newest && newest !== before ? [newest.id] : [],
      auth: [],
      moment: momentOf(fromMs) + Math.floor(i * stepMoments),
      content: encodeText(textOf(`w${firstAuthor + turn}`, i)),
    });
    last[turn] = event;
    newest = event;
    batch.push(event);
    if (batch.length < BATCH && i < count - 1) continue;
    await log.append(batch.map((stored) => ({ event: stored, proof: "verified", counts: true })));
    batch = [];
  }
}

function writer(number: number) {
  const seed = (offset: number): Uint8Array => {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(0, number * 2 + offset);
    return bytes;
  };
  const signer = nodeCrypto.signer(seed(0));
  const rootSigner = nodeCrypto.signer(seed(1));
  const x25519 = new Uint8Array(32).fill(9);
  const device = signer.publicKey;
  const certificate = createCertificate(rootSigner, { device, x25519, serial: 1 });
  return { signer, root: rootSigner.publicKey, certificate };
}
