/** What this person has noted of others: petnames, who is verified, who is blocked. Keys are identities in hex. */
import { type CborValue, decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import type { Store } from "../../core/interfaces.ts";
import { skeleton } from "../../core/text/confusable.ts";
import type { VerifiedBy } from "../people-api.ts";
import { bearsFingerprint } from "../../core/text/marks.ts";
import type { Fingerprints } from "./fingerprints.ts";
import type { RoomNames } from "./names.ts";

export interface Note {
  readonly petname?: string;
  readonly verified?: {
    readonly by: VerifiedBy;
    readonly atMs: number;
    /** What they called themselves then: nobody else passes under it. */
    readonly name: string;
  };
  readonly blocked?: true;
}

const PREFIX = "person/";
const WAYS: readonly VerifiedBy[] = ["number", "code", "emoji", "word"];
const NOTHING: Note = {};

export class Book {
  readonly #store: Store;
  readonly #fingerprints: Fingerprints;
  readonly #notes = new Map<string, Note>();
  /** Skeletons of names that belong to somebody here → whose they are. */
  readonly #owners = new Map<string, Set<string>>();

  constructor(store: Store, fingerprints: Fingerprints) {
    this.#store = store;
    this.#fingerprints = fingerprints;
  }

  async load(): Promise<void> {
    const entries = await this.#store.listMeta(PREFIX);
    this.#notes.clear();
    for (const { key, value } of entries) this.#notes.set(key.slice(PREFIX.length), read(value));
    this.#index();
  }

  of(author: string): Note {
    return this.#notes.get(author) ?? NOTHING;
  }

  authors(): string[] {
    return [...this.#notes.keys()];
  }

  isBlocked(author: string): boolean {
    return this.#notes.get(author)?.blocked === true;
  }

  isVerified(author: string): boolean {
    return this.#notes.get(author)?.verified !== undefined;
  }

  /** What somebody is called here, who calls themself `claimed`. */
  nameOf(author: string, claimed: string | undefined): string | undefined {
    return this.#notes.get(author)?.petname ?? claimed;
  }

  /** Whether the name somebody is shown under looks like that of somebody else. */
  confusable(author: string, names: RoomNames): boolean {
    const note = this.of(author);
    if (note.petname !== undefined || note.verified) return false;
    return names.confusable(author) || this.imitates(author, names.get(author)?.name);
  }

  /** Whether a name looks like one that this person has given to, or verified of, somebody else, or like a fingerprint. */
  imitates(author: string, name: string | undefined): boolean {
    if (name === undefined) return false;
    if (bearsFingerprint(name, this.#fingerprints.of(author))) return true;
    if (this.#owners.size === 0) return false;
    const owners = this.#owners.get(skeleton(name));
    return owners !== undefined && (owners.size > 1 || !owners.has(author));
  }

  async change(author: string, change: (note: Note) => Note): Promise<void> {
    const note = change(this.of(author));
    const empty = Object.keys(note).length === 0;
    await this.#store.writeMeta([{ key: PREFIX + author, value: empty ? null : write(note) }]);
    if (empty) this.#notes.delete(author);
    else this.#notes.set(author, note);
    this.#index();
  }

  #index(): void {
    this.#owners.clear();
    for (const [author, { petname, verified }] of this.#notes) {
      for (const name of [petname, verified?.name]) {
        if (name === undefined || name === "") continue;
        const key = skeleton(name);
        this.#owners.set(key, (this.#owners.get(key) ?? new Set()).add(author));
      }
    }
  }
}

function write({ petname, verified, blocked }: Note): Uint8Array {
  const { by, atMs, name } = verified ?? { by: "word", atMs: 0, name: "" };
  const marked = verified ? [WAYS.indexOf(by), atMs, name] : null;
  return encodeCbor([petname ?? null, marked, blocked === true]);
}

function read(value: Uint8Array): Note {
  const [petname, marked, blocked] = decodeCbor(value) as [string | null, CborValue, boolean];
  const [way, atMs, name] = (marked ?? []) as [number, number, string];
  return {
    ...(petname === null ? {} : { petname }),
    ...(marked === null ? {} : { verified: { by: WAYS[way] ?? "word", atMs, name } }),
    ...(blocked ? { blocked } : {}),
  };
}
