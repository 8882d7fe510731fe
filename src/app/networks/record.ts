/** What a profile keeps of each private network it is in, and which network it is in now (docs/spec/store.md, "meta"). */
import { fromUtf8, toHex, utf8 } from "../../core/codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { NETWORKS_LEFT_MAX_COUNT } from "../../core/codec/limits.ts";
import type { MetaChange, Store } from "../../core/interfaces.ts";
import type { NetworkSecret } from "../../core/network/secret.ts";

export interface NetworkEntry {
  /** What it is called here: unique in the profile. */
  readonly name: string;
  /** Constant id, 32 bytes. */
  readonly id: Uint8Array;
  readonly founder: Uint8Array;
  readonly nonce: Uint8Array;
  /** Key of the outer fence. */
  readonly outerKey: Uint8Array;
  /** The outer key that follows, and the Unix ms from which it holds. */
  readonly nextOuter: { readonly key: Uint8Array; readonly fromMs: number } | null;
  /** Every secret there was, newest last. */
  readonly secrets: readonly NetworkSecret[];
  readonly ports: { readonly tcp: number; readonly ws: number };
  /** Multiaddrs to dial at each start. */
  readonly bootstrap: readonly string[];
  readonly joinedMs: number;
}

export const NETWORK_PREFIX = "net/";
const LEFT_PREFIX = "net-left/";
export const CURRENT_NETWORK = "net-current";

/** Under which the records of a network's rooms and peers are kept; no open network can be called so. */
export function scopeOf(id: Uint8Array): string {
  return `~${toHex(id)}`;
}

export class NetworkEntries {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async list(): Promise<NetworkEntry[]> {
    const found = await this.#store.listMeta(NETWORK_PREFIX);
    return found.map(({ value }) => decodeEntry(value)).sort((a, b) => a.joinedMs - b.joinedMs);
  }

  put(entry: NetworkEntry): Promise<void> {
    return this.#store.writeMeta([
      { key: NETWORK_PREFIX + toHex(entry.id), value: encodeEntry(entry) },
      { key: LEFT_PREFIX + toHex(entry.id), value: null },
    ]);
  }

  /** Whether it was left on this device, and not joined again since. */
  async hasLeft(id: Uint8Array): Promise<boolean> {
    return (await this.#store.getMeta(LEFT_PREFIX + toHex(id))) !== undefined;
  }

  /** Forgets the keys of a network, its peers, and that its rooms are joined; messages stay. */
  async remove(id: Uint8Array, nowMs: number): Promise<void> {
    const scope = scopeOf(id);
    const left = (await this.#store.listMeta(LEFT_PREFIX))
      .map(({ key, value }) => ({ key, leftMs: decodeCbor(value) as number }))
      .sort((a, b) => b.leftMs - a.leftMs);
    const changes: MetaChange[] = [
      { key: NETWORK_PREFIX + toHex(id), value: null },
      ...left.slice(NETWORKS_LEFT_MAX_COUNT - 1).map(({ key }) => ({ key, value: null })),
      { key: LEFT_PREFIX + toHex(id), value: encodeCbor(Math.max(0, nowMs)) },
    ];
    for (const prefix of [
      `room/${scope}/`,
      `peer/${scope}/`,
      `draft/${scope}/`,
      `ticket/${scope}/`,
    ])
      for (const { key } of await this.#store.listMeta(prefix)) changes.push({ key, value: null });
    if ((await this.current()) === scope) changes.push({ key: CURRENT_NETWORK, value: null });
    await this.#store.writeMeta(changes);
  }

  /** Small records about networks that are not joined yet. */
  read(prefix: string): ReturnType<Store["listMeta"]> {
    return this.#store.listMeta(prefix);
  }

  write(changes: readonly MetaChange[]): Promise<void> {
    return this.#store.writeMeta(changes);
  }

  /** Scope of the network that commands act in where none is named, or undefined. */
  async current(): Promise<string | undefined> {
    const value = await this.#store.getMeta(CURRENT_NETWORK);
    return value && fromUtf8(value);
  }

  setCurrent(scope: string): Promise<void> {
    return this.#store.writeMeta([{ key: CURRENT_NETWORK, value: utf8(scope) }]);
  }
}

export function encodeEntry(entry: NetworkEntry): Uint8Array {
  const { name, id, founder, nonce, outerKey, nextOuter, secrets, ports, bootstrap, joinedMs } =
    entry;
  return encodeCbor([
    name,
    id,
    founder,
    nonce,
    outerKey,
    nextOuter && [nextOuter.key, nextOuter.fromMs],
    secrets.map(({ generation, secret, closesMs }) => [generation, secret, closesMs]),
    [ports.tcp, ports.ws],
    [...bootstrap],
    joinedMs,
  ]);
}

export function decodeEntry(value: Uint8Array): NetworkEntry {
  const [name, id, founder, nonce, outerKey, next, secrets, ports, bootstrap, joinedMs] =
    decodeCbor(value) as CborValue[] as [
      string,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      [Uint8Array, number] | null,
      [number, Uint8Array, number | null][],
      [number, number],
      string[],
      number,
    ];
  return {
    name,
    id,
    founder,
    nonce,
    outerKey,
    nextOuter: next && { key: next[0], fromMs: next[1] },
    secrets: secrets.map(([generation, secret, closesMs]) => ({ generation, secret, closesMs })),
    ports: { tcp: ports[0], ws: ports[1] },
    bootstrap,
    joinedMs,
  };
}
