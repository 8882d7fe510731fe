/** A private network this profile is in, as it stands now: changes are on disk before anybody hears of them. */
import { equal } from "../../core/codec/bytes.ts";
import { type NetworkSecret, newestFirst } from "../../core/network/secret.ts";
import { type NetworkEntries, type NetworkEntry, scopeOf } from "./record.ts";

export class OwnNetwork {
  readonly id: Uint8Array;
  readonly scope: string;
  readonly #entries: NetworkEntries;
  readonly #listeners = new Set<() => void>();
  #entry: NetworkEntry;

  constructor(entries: NetworkEntries, entry: NetworkEntry) {
    this.#entries = entries;
    this.#entry = entry;
    this.id = entry.id;
    this.scope = scopeOf(entry.id);
  }

  get entry(): NetworkEntry {
    return this.#entry;
  }

  /** What the keys of rooms follow from: the newest secret that this device knows. */
  secret(): Uint8Array {
    const [newest] = newestFirst(this.#entry.secrets);
    return (newest as NetworkSecret).secret;
  }

  async update(patch: Partial<NetworkEntry>): Promise<void> {
    this.#entry = { ...this.#entry, ...patch };
    await this.#entries.put(this.#entry);
    for (const listener of this.#listeners) listener();
  }

  /**
   * Takes secrets that others know; those before the newest are closed when it says so.
   * @param closesMs when older ones end. Resolves with whether one was new.
   */
  async learn(secrets: readonly NetworkSecret[], closesMs: number | null): Promise<boolean> {
    if (secrets.length === 0) return false;
    const known = this.#entry.secrets;
    const fresh = secrets.filter(
      (secret) => !known.some((one) => equal(one.secret, secret.secret)),
    );
    const newest = Math.max(...secrets.map(({ generation }) => generation));
    const all = [...known, ...fresh].map((one): NetworkSecret => {
      if (one.generation >= newest || closesMs === null) return one;
      return { ...one, closesMs: Math.min(one.closesMs ?? Number.POSITIVE_INFINITY, closesMs) };
    });
    const changed = all.some((one, i) => one.closesMs !== known[i]?.closesMs);
    if (fresh.length === 0 && !changed) return false;
    await this.update({ secrets: all.sort((a, b) => a.generation - b.generation) });
    return fresh.length > 0;
  }

  /** Secrets that are not among those that hold elsewhere end now. */
  async closeOthers(live: readonly NetworkSecret[], nowMs: number): Promise<void> {
    const secrets = this.#entry.secrets.map((one): NetworkSecret => {
      if (live.some((other) => equal(other.secret, one.secret))) return one;
      return { ...one, closesMs: Math.min(one.closesMs ?? nowMs, nowMs) };
    });
    await this.update({ secrets });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
