import { toHex } from "../core/codec/bytes.ts";
import type { Context, ServiceInit } from "./context.ts";
import { Revocations } from "./devices/revocations.ts";
import { Emitter } from "./emitter.ts";
import { Notices } from "./notices.ts";
import { ClockCheck } from "./online/clock-check.ts";
import { NetworkLink } from "./online/network-link.ts";
import { Book } from "./people/book.ts";
import { Fingerprints } from "./people/fingerprints.ts";
import { Records } from "./records.ts";
import { Indexing } from "./upkeep/indexing.ts";
import type { SignatureChecks } from "./upkeep/signature-checks.ts";

/** What every part shares. */
export function contextOf(init: ServiceInit, checks: SignatureChecks): Context {
  const emitter = new Emitter(init.logger);
  const notices = new Notices(emitter);
  const { root } = init.device.certificate;
  const { index } = init.store;
  const step = async (): Promise<boolean> => (await index.step()) || (await checks.step());
  const fingerprints = new Fingerprints(init.crypto);
  return {
    init,
    records: new Records(init.store, init.privateNetwork?.scope ?? init.networkName),
    emitter,
    notices,
    fingerprints,
    clockCheck: new ClockCheck(),
    link: new NetworkLink({ ...init, notices, root }),
    indexing: new Indexing({ ...init, index: { step } }),
    root,
    author: toHex(root),
    ignored: new Map(),
    book: new Book(init.store, fingerprints),
    revocations: new Revocations(init.store, init.crypto),
    device: init.device,
    signer: init.crypto.signer(init.device.seed),
    name: init.name,
    // Until there are rooms and peers that know a name.
    nameOf: (author) => fingerprints.of(author),
  };
}
