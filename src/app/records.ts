/** The small records of a profile under the store's text keys (docs/spec/store.md, "meta"). */
import { fromUtf8, toHex, utf8 } from "../core/codec/bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../core/codec/cbor.ts";
import { SAVED_PEERS_MAX_COUNT } from "../core/codec/limits.ts";
import type { MetaChange, Store } from "../core/interfaces.ts";
import { KIND_ACTION, KIND_TEXT, type Position } from "../core/log/types.ts";

import type { Pair } from "../core/room/direct.ts";
import type { Outer } from "../core/room/key-ring.ts";
import { outerOf } from "./private/key-store.ts";
import type { Keep } from "./retention-api.ts";
import type { Fetched } from "./rooms/floor.ts";

/** Where the person stopped reading: how much had arrived, and the newest position then. */
export interface ReadRecord {
  readonly arrived: number;
  readonly position: Position | null;
}

/** A text that could not be signed yet. */
export interface Draft {
  readonly key: string;
  readonly room: string;
  readonly kind: number;
  readonly text: string;
  readonly madeMs: number;
}

/** A room this profile is in. */
export interface JoinedRecord {
  /** Canonical name, as it is called here. */
  readonly name: string;
  /** Of a room that has an owner. */
  readonly roomId?: Uint8Array;
  /** Of a private room: what hides its traffic. */
  readonly outer?: Outer;
  /** Of a conversation of two. */
  readonly pair?: Pair;
}

export interface HeldRecord {
  /** [root, device, seq]: this identity holds our device's chain up to seq. */
  readonly held: readonly (readonly [Uint8Array, Uint8Array, number])[];
  /** Our device, and the seq up to which somebody was handed our events. */
  readonly sent: readonly [Uint8Array, number] | null;
}

export class Records {
  readonly #store: Store;
  /** Of the network: records of rooms, drafts and tickets belong to one. */
  readonly #scope: string;

  constructor(store: Store, scope: string) {
    this.#store = store;
    this.#scope = scope;
  }

  async name(): Promise<string | undefined> {
    const value = await this.#store.getMeta("name");
    return value && fromUtf8(value);
  }

  setName(name: string): Promise<void> {
    return this.#store.writeMeta([{ key: "name", value: utf8(name) }]);
  }

  /** The rooms joined in this network: names, and the ids of those that have owners. */
  async joined(): Promise<JoinedRecord[]> {
    const prefix = `room/${this.#scope}/`;
    const entries = await this.#store.listMeta(prefix);
    return Promise.all(
      entries.map(async ({ key, value }): Promise<JoinedRecord> => {
        const name = key.slice(prefix.length);
        if (value.length === 0) return { name };
        const [roomId] = decodeCbor(value) as [Uint8Array];
        const outer = await outerOf(this.#store, roomId);
        return outer ? { name, roomId, outer } : { name, roomId };
      }),
    );
  }

  /** @param roomId of a room that has an owner */
  setJoined(room: string, joined: boolean, roomId?: Uint8Array): Promise<void> {
    const record = roomId ? encodeCbor([roomId]) : new Uint8Array(0);
    const value = joined ? record : null;
    return this.#store.writeMeta([{ key: `room/${this.#scope}/${room}`, value }]);
  }

  async read(roomId: Uint8Array): Promise<ReadRecord> {
    const fields = await this.#array(`read/${toHex(roomId)}`);
    if (!fields) return { arrived: 0, position: null };
    const [arrived, moment, id] = fields as [number, number, Uint8Array];
    return { arrived, position: id.length === 0 ? null : { moment, id } };
  }

  setRead(roomId: Uint8Array, { arrived, position }: ReadRecord): Promise<void> {
    const fields = [arrived, position?.moment ?? 0, position?.id ?? new Uint8Array(0)];
    return this.#store.writeMeta([{ key: `read/${toHex(roomId)}`, value: encodeCbor(fields) }]);
  }

  async held(roomId: Uint8Array): Promise<HeldRecord> {
    const fields = await this.#array(`held/${toHex(roomId)}`);
    if (!fields) return { held: [], sent: null };
    const [held, sent] = fields as [
      [Uint8Array, Uint8Array, number][],
      [Uint8Array, number] | null,
    ];
    return { held, sent };
  }

  heldChange(roomId: Uint8Array, { held, sent }: HeldRecord): MetaChange {
    const fields = [held.map((entry) => [...entry]), sent && [...sent]] as CborValue;
    return { key: `held/${toHex(roomId)}`, value: encodeCbor(fields) };
  }

  /** Key of the draft with this number; zeros in front keep the order of keys that of numbers. */
  draftKey(number: number): string {
    return `draft/${this.#scope}/${String(number).padStart(12, "0")}`;
  }

  async drafts(): Promise<Draft[]> {
    const drafts: Draft[] = [];
    for (const { key, value } of await this.#store.listMeta(`draft/${this.#scope}/`)) {
      const [room, kind, text, madeMs] = decodeCbor(value) as [string, number, string, number];
      drafts.push({
        key,
        room,
        kind: kind === KIND_ACTION ? KIND_ACTION : KIND_TEXT,
        text,
        madeMs,
      });
    }
    return drafts;
  }

  addDraft(draft: Draft): Promise<void> {
    const value = encodeCbor([draft.room, draft.kind, draft.text, draft.madeMs]);
    return this.#store.writeMeta([{ key: draft.key, value }]);
  }

  /** Authors whose messages this person hides: hex key → the name they had. */
  async ignored(): Promise<Map<string, string>> {
    return this.#texts("ignore/");
  }

  setIgnored(author: string, name: string | null): Promise<void> {
    return this.#store.writeMeta([
      { key: `ignore/${author}`, value: name === null ? null : utf8(name) },
    ]);
  }

  settings(): Promise<Map<string, string>> {
    return this.#texts("set/");
  }

  setSetting(key: string, value: string | null): Promise<void> {
    return this.#store.writeMeta([
      { key: `set/${key}`, value: value === null ? null : utf8(value) },
    ]);
  }

  /** How much of a room is kept; nothing said: everything. */
  async keep(roomId: Uint8Array): Promise<Keep> {
    const fields = await this.#array(`keep/${toHex(roomId)}`);
    const [days, messages] = (fields ?? [0, 0]) as [number, number];
    return { ...(days > 0 ? { days } : {}), ...(messages > 0 ? { messages } : {}) };
  }

  setKeep(roomId: Uint8Array, { days, messages }: Keep): Promise<void> {
    const all = days === undefined && messages === undefined;
    const value = all ? null : encodeCbor([days ?? 0, messages ?? 0]);
    return this.#store.writeMeta([{ key: `keep/${toHex(roomId)}`, value }]);
  }

  /** What was fetched beyond that, and until when it stays. */
  async fetched(roomId: Uint8Array): Promise<Fetched | undefined> {
    const fields = await this.#array(`fetched/${toHex(roomId)}`);
    if (fields === undefined) return undefined;
    const [messages, untilMs] = fields as [number, number];
    return { messages, untilMs };
  }

  setFetched(roomId: Uint8Array, fetched: Fetched | undefined): Promise<void> {
    const value = fetched ? encodeCbor([fetched.messages, fetched.untilMs]) : null;
    return this.#store.writeMeta([{ key: `fetched/${toHex(roomId)}`, value }]);
  }

  /** Resolves when everything written before is synced to disk too: the log of the database is one. */
  sync(): Promise<void> {
    return this.#store.writeMeta([{ key: "synced", value: new Uint8Array(0) }]);
  }

  write(changes: readonly MetaChange[]): Promise<void> {
    return this.#store.writeMeta(changes);
  }

  async #texts(prefix: string): Promise<Map<string, string>> {
    const entries = await this.#store.listMeta(prefix);
    return new Map(entries.map(({ key, value }) => [key.slice(prefix.length), fromUtf8(value)]));
  }

  async #array(key: string): Promise<CborValue[] | undefined> {
    const value = await this.#store.getMeta(key);
    return value && (decodeCbor(value) as CborValue[]);
  }
}

/** The number in the key of a draft, as text. */
export function draftNumberOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/** Addresses of peers met before in a network, most recent first. */
export async function savedPeers(store: Store, scope: string): Promise<string[]> {
  const prefix = `peer/${scope}/`;
  const entries = await store.listMeta(prefix);
  return entries
    .map(({ key, value }) => ({
      address: key.slice(prefix.length),
      metMs: decodeCbor(value) as number,
    }))
    .sort((a, b) => b.metMs - a.metMs)
    .map(({ address }) => address);
}

/** Keeps an address for the next start; beyond the bound the one met longest ago goes. */
export async function rememberPeer(
  store: Store,
  scope: string,
  address: string,
  nowMs: number,
): Promise<void> {
  const others = (await savedPeers(store, scope)).filter((saved) => saved !== address);
  const changes: MetaChange[] = others
    .slice(SAVED_PEERS_MAX_COUNT - 1)
    .map((saved) => ({ key: `peer/${scope}/${saved}`, value: null }));
  changes.push({ key: `peer/${scope}/${address}`, value: encodeCbor(Math.max(0, nowMs)) });
  await store.writeMeta(changes);
}
