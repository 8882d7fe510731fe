/** A room that many have come into by one ticket, each with a name, a text and, in a private room, a device's key. */
import { encodeName, encodeText } from "../../src/core/log/content.ts";
import { momentOf } from "../../src/core/log/clock.ts";
import { createEvent } from "../../src/core/log/event.ts";
import { KIND_NAME, KIND_TEXT, type LogEvent } from "../../src/core/log/types.ts";
import { createCertificate } from "../../src/core/identity/certificate.ts";
import { readRoomTicket } from "../../src/core/network/room-ticket.ts";
import { authOf } from "../../src/core/room/auth.ts";
import { inviteSigner, makeClaim } from "../../src/core/room/claim.ts";
import { type Control, encodeControl, kindOf } from "../../src/core/room/control.ts";
import { Resolver } from "../../src/core/room/resolver.ts";
import { utf8 } from "../../src/core/codec/bytes.ts";
import { x25519PublicKey } from "../../src/core/crypto/x25519.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { openStore } from "../../src/storage/index.ts";
import { quiet } from "../support/quiet.ts";

/** Writes them into the store at `path`, which no process has open. */
export async function letIn(path: string, ticket: string, count: number): Promise<void> {
  const store = await openStore({
    path,
    logger: quiet,
    createIfMissing: false,
    durability: "process",
  });
  const { roomId, seed, rank, isPrivate } = readRoomTicket(nodeCrypto, ticket);
  const log = await store.room(roomId);
  const resolver = new Resolver(nodeCrypto, roomId);
  for (const event of await log.control()) resolver.add(event);
  const invite = inviteSigner(nodeCrypto, seed);
  let moment = momentOf(Date.now());
  for (let i = 0; i < count; i++) {
    const signer = nodeCrypto.signer(nodeCrypto.sha256(utf8(`device ${i}`)));
    const root = nodeCrypto.signer(nodeCrypto.sha256(utf8(`root ${i}`)));
    const device = signer.publicKey;
    const certificate = createCertificate(root, { device, x25519: new Uint8Array(32), serial: 1 });
    await store.putCertificate(root.publicKey, device, 1, certificate.wire);
    let before: LogEvent | undefined;
    const events: LogEvent[] = [];
    const say = (kind: number, content: Uint8Array, says: readonly Control[] = []): void => {
      before = createEvent(nodeCrypto, {
        roomId,
        root: root.publicKey,
        signer,
        kind,
        seq: (before?.seq ?? 0) + 1,
        prev: before?.id ?? null,
        parents: [],
        auth: authOf(resolver, { root: root.publicKey, device, says }),
        moment: moment++,
        content,
      });
      events.push(before);
      if (says.length > 0) resolver.add(before);
    };
    const claim = makeClaim(invite, roomId, root.publicKey, rank);
    const key = x25519PublicKey(nodeCrypto.sha256(utf8(`x25519 ${i}`)));
    const controls: Control[] = isPrivate ? [claim, { type: "device", as: 0, key }] : [claim];
    for (const control of controls) say(kindOf(control), encodeControl(control), [control]);
    if (!isPrivate) {
      say(KIND_NAME, encodeName(`member${i}`));
      say(KIND_TEXT, encodeText(`hello, I am number ${i}`));
    }
    await log.append(events.map((event) => ({ event, proof: "verified", counts: true })));
  }
  await store.close();
}
