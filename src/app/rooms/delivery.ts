/** Where own messages of one room stand: pending, sent, held by N (docs/spec/sync.md, acknowledgements). */
import { equal, toHex } from "../../core/codec/bytes.ts";
import type { MessageState } from "../api.ts";
import type { HeldRecord } from "../records.ts";
import { keyInHex } from "./key-in-hex.ts";

export interface Standing {
  readonly state: MessageState;
  /** Other identities that hold it. */
  readonly heldBy: number;
}

export class Delivery {
  /** Own device (hex) → other identity (hex) → seq held without a gap. */
  readonly #held = new Map<
    string,
    Map<string, { root: Uint8Array; device: Uint8Array; seq: number }>
  >();
  #sent: { device: Uint8Array; seq: number } | null;
  #changed = false;

  constructor(record: HeldRecord) {
    for (const [root, device, seq] of record.held) this.held(root, device, seq);
    this.#sent = record.sent && { device: record.sent[0], seq: record.sent[1] };
    this.#changed = false;
  }

  /** Somebody was handed everything of `device` up to `seq`. */
  sent(device: Uint8Array, seq: number): void {
    if (this.#hasSent(device, seq)) return;
    this.#sent = { device, seq };
    this.#changed = true;
  }

  /** `root` holds our `device` up to `seq`. Returns the seq it was known to hold before. */
  held(root: Uint8Array, device: Uint8Array, seq: number): number {
    const key = toHex(device);
    const holders = this.#held.get(key) ?? new Map();
    this.#held.set(key, holders);
    const before = holders.get(toHex(root))?.seq ?? 0;
    if (seq > before) {
      holders.set(toHex(root), { root, device, seq });
      this.#changed = true;
    }
    return before;
  }

  of(device: Uint8Array, seq: number): Standing {
    let heldBy = 0;
    for (const holder of this.#held.get(keyInHex(device))?.values() ?? [])
      if (holder.seq >= seq) heldBy++;
    if (heldBy > 0) return { state: "held", heldBy };
    return { state: this.#hasSent(device, seq) ? "sent" : "pending", heldBy: 0 };
  }

  #hasSent(device: Uint8Array, seq: number): boolean {
    return this.#sent !== null && this.#sent.seq >= seq && equal(this.#sent.device, device);
  }

  /** Highest seq of `device` that some other identity holds. */
  heldSeq(device: Uint8Array): number {
    let highest = 0;
    for (const holder of this.#held.get(toHex(device))?.values() ?? [])
      highest = Math.max(highest, holder.seq);
    return highest;
  }

  /** The record to write when anything changed since the last call. */
  takeRecord(): HeldRecord | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    const held = [...this.#held.values()].flatMap((holders) =>
      [...holders.values()].map(({ root, device, seq }) => [root, device, seq] as const),
    );
    return { held: held.slice(-1_000), sent: this.#sent && [this.#sent.device, this.#sent.seq] };
  }
}
