/** Which devices were revoked, as far as is known here: in every room that said so, over all starts. */
import { toHex } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { REVOCATIONS_PER_PERSON_MAX_COUNT } from "../../core/codec/limits.ts";
import type { Crypto } from "../../core/crypto/port.ts";
import { effective, readRevocation, type Revocation } from "../../core/log/revocation.ts";
import type { Store } from "../../core/interfaces.ts";
import type { LogEvent } from "../../core/log/types.ts";

interface Said extends Revocation {
  /** In hex. */
  readonly room: string;
}

const PREFIX = "revoked/";

export class Revocations {
  readonly #store: Store;
  readonly #crypto: Crypto;
  /** Identity in hex → everything said of its devices. */
  readonly #said = new Map<string, Said[]>();
  /** Identity → device → what counts. */
  readonly #counts = new Map<string, Map<string, Said[]>>();

  constructor(store: Store, crypto: Crypto) {
    this.#store = store;
    this.#crypto = crypto;
  }

  /** Reads what is kept, also what has come in other networks. */
  async open(): Promise<void> {
    for (const { key, value } of await this.#store.listMeta(PREFIX)) {
      const [author = "", room = "", device = "", by = ""] = key.slice(PREFIX.length).split("/");
      const [cut, byRoot, moment] = decodeCbor(value) as [number, boolean, number];
      const said = { room, device, by, cut, byRoot, moment };
      if (!this.#isKnown(author, said)) this.#add(author, said);
    }
  }

  #isKnown(author: string, { room, device, by }: Said): boolean {
    const said = this.#said.get(author) ?? [];
    return said.some((one) => one.room === room && one.device === device && one.by === by);
  }

  /** Takes what an event revokes, and keeps it. @returns whether it said something new */
  async take(roomId: Uint8Array, event: LogEvent): Promise<boolean> {
    const read = readRevocation(this.#crypto, roomId, event);
    if (!read) return false;
    const author = toHex(event.root);
    const room = toHex(roomId);
    const count = this.#said.get(author)?.length ?? 0;
    const said = { ...read, room };
    if (this.#isKnown(author, said) || count >= REVOCATIONS_PER_PERSON_MAX_COUNT) return false;
    this.#add(author, said);
    const { device, by, cut, byRoot, moment } = read;
    const key = `${PREFIX}${author}/${room}/${device}/${by}`;
    await this.#store.writeMeta([{ key, value: encodeCbor([cut, byRoot, moment]) }]);
    return true;
  }

  /** Whether any room says so. */
  isRevoked(author: string, device: string): boolean {
    return this.#counts.get(author)?.has(device) === true;
  }

  /** Device keys of an identity that were revoked, in hex. */
  of(author: string): string[] {
    return [...(this.#counts.get(author)?.keys() ?? [])];
  }

  /** Whether an event lies behind the cut of its room; where the room says nothing, behind the first word of another. */
  hides(roomId: Uint8Array, event: LogEvent): boolean {
    if (this.#counts.size === 0) return false;
    const counts = this.#counts.get(toHex(event.root))?.get(toHex(event.device));
    if (!counts) return false;
    const room = toHex(roomId);
    const here = counts.filter((one) => one.room === room);
    if (here.length > 0) return here.some(({ cut }) => event.seq > cut);
    return counts.some(({ moment }) => event.moment > moment);
  }

  #add(author: string, said: Said): void {
    const all = [...(this.#said.get(author) ?? []), said];
    this.#said.set(author, all);
    this.#counts.set(
      author,
      Map.groupBy(effective(all), ({ device }) => device),
    );
  }
}
