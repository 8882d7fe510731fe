/** Events for tests: real keys, real signatures, any history a test wants. */
import { createCertificate } from "../../src/core/identity/certificate.ts";
import type { Certificate } from "../../src/core/identity/types.ts";
import { encodeText } from "../../src/core/log/content.ts";
import { createEvent } from "../../src/core/log/event.ts";
import { KIND_TEXT, type LogEvent } from "../../src/core/log/types.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";

/** A device that writes a chain. */
export class Writer {
  readonly #signer;
  readonly #rootSigner;
  readonly root: Uint8Array;
  readonly roomId: Uint8Array;
  last: LogEvent | undefined;

  constructor(roomId: Uint8Array, number: number) {
    this.roomId = roomId;
    this.#signer = nodeCrypto.signer(new Uint8Array(32).fill(number));
    this.#rootSigner = nodeCrypto.signer(new Uint8Array(32).fill(number + 100));
    this.root = this.#rootSigner.publicKey;
  }

  get certificate(): Certificate {
    return createCertificate(this.#rootSigner, {
      device: this.device,
      x25519: new Uint8Array(32).fill(9),
      serial: 1,
    });
  }

  get device(): Uint8Array {
    return this.#signer.publicKey;
  }

  /** The next event of the chain; `after` branches off an earlier one, as a copied device does. */
  write(
    text: string,
    options: {
      moment?: number;
      parents?: LogEvent[];
      /** Ids of control heads. */
      auth?: Uint8Array[];
      after?: LogEvent | null;
      kind?: number;
      /** In place of the text. */
      content?: Uint8Array;
    } = {},
  ): LogEvent {
    const before = options.after === undefined ? this.last : (options.after ?? undefined);
    const event = createEvent(nodeCrypto, {
      roomId: this.roomId,
      root: this.root,
      signer: this.#signer,
      kind: options.kind ?? KIND_TEXT,
      seq: (before?.seq ?? 0) + 1,
      prev: before?.id ?? null,
      parents: (options.parents ?? []).map(({ id }) => id).sort((a, b) => Buffer.compare(a, b)),
      auth: (options.auth ?? []).toSorted((a, b) => Buffer.compare(a, b)),
      moment: options.moment ?? (before?.moment ?? 2e14) + 4096,
      content: options.content ?? encodeText(text),
    });
    this.last = event;
    return event;
  }
}
