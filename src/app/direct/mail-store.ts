/** Mail that is carried for others, among the records of a profile: within bounds that strangers cannot use up for others. */
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import {
  MAIL_KEPT_MAX_BYTES,
  MAIL_KEPT_MAX_MS,
  MAIL_MAILBOX_MAX_BYTES,
  MAIL_OVERHEAD_BYTES,
  MAIL_SENDER_MAX_BYTES,
} from "../../core/codec/limits.ts";
import type { MetaChange, Store } from "../../core/interfaces.ts";

/** A piece of mail; tags as a carrier calls them, in hex. */
export interface KeptMail {
  readonly mailbox: string;
  readonly sender: string;
  readonly place: string;
  readonly sizeBytes: number;
  readonly keptMs: number;
}

export type NewMail = Pick<KeptMail, "mailbox" | "sender" | "place"> & {
  readonly sealed: Uint8Array;
};

const HEX = /^([0-9a-f]{64})\/([0-9a-f]{32})\/([0-9a-f]{32})$/;

export class MailStore {
  readonly #store: Store;
  readonly #notes: string;
  readonly #bodies: string;
  /** By mailbox, sender and place; in the order in which it came. */
  readonly #kept = new Map<string, KeptMail>();

  /** @param scope of the network */
  constructor(store: Store, scope: string) {
    this.#store = store;
    this.#notes = `mail/${scope}/`;
    this.#bodies = `mail-sealed/${scope}/`;
  }

  async open(): Promise<void> {
    const kept: KeptMail[] = [];
    for (const { key, value } of await this.#store.listMeta(this.#notes)) {
      const [, mailbox, sender, place] = HEX.exec(key.slice(this.#notes.length)) ?? [];
      const [sizeBytes, keptMs] = decodeCbor(value) as [number, number];
      if (mailbox && sender && place) kept.push({ mailbox, sender, place, sizeBytes, keptMs });
    }
    for (const each of kept.sort((a, b) => a.keptMs - b.keptMs)) this.#kept.set(nameOf(each), each);
  }

  /** What is here for a mailbox, the oldest first. */
  of(mailbox: string): KeptMail[] {
    return [...this.#kept.values()].filter((each) => each.mailbox === mailbox);
  }

  /**
   * Keeps a piece, in the place of one that stood there. Where there is no room, the oldest of whoever takes the most makes
   * room, unless that is this sender: so strangers come to share what there is, and nobody can take it all.
   * @returns whether it is kept, on disk
   */
  async put({ sealed, ...tags }: NewMail, nowMs: number): Promise<boolean> {
    const mail: KeptMail = {
      ...tags,
      sizeBytes: sealed.length + MAIL_OVERHEAD_BYTES,
      keptMs: nowMs,
    };
    const others = [...this.#kept.values()].filter((each) => nameOf(each) !== nameOf(mail));
    const own = others.filter(({ sender }) => sender === mail.sender);
    if (sizeOf(own) + mail.sizeBytes > MAIL_SENDER_MAX_BYTES) return false;
    const gone = new Set<KeptMail>();
    const inMailbox = others.filter(({ mailbox }) => mailbox === mail.mailbox);
    if (!makeRoom(inMailbox, mail, MAIL_MAILBOX_MAX_BYTES, gone)) return false;
    if (!makeRoom(others, mail, MAIL_KEPT_MAX_BYTES, gone)) return false;
    this.#kept.delete(nameOf(mail));
    this.#kept.set(nameOf(mail), mail);
    await this.#store.writeMeta([
      ...[...gone].flatMap((each) => this.#removal(each)),
      { key: this.#notes + nameOf(mail), value: encodeCbor([mail.sizeBytes, nowMs]) },
      { key: this.#bodies + nameOf(mail), value: sealed },
    ]);
    return true;
  }

  /** Undefined where it has gone since. */
  read(mail: KeptMail): Promise<Uint8Array | undefined> {
    return this.#store.getMeta(this.#bodies + nameOf(mail));
  }

  /** It was taken; what has come into its place since stays. */
  async remove(mail: KeptMail): Promise<void> {
    if (this.#kept.get(nameOf(mail)) === mail) await this.#store.writeMeta(this.#removal(mail));
  }

  /** Lets go of what was carried long enough. */
  async expire(nowMs: number): Promise<void> {
    const old = [...this.#kept.values()].filter(({ keptMs }) => keptMs <= nowMs - MAIL_KEPT_MAX_MS);
    if (old.length > 0) await this.#store.writeMeta(old.flatMap((each) => this.#removal(each)));
  }

  /** Lets go of everything. */
  clear(): Promise<void> {
    return this.#store.writeMeta([...this.#kept.values()].flatMap((each) => this.#removal(each)));
  }

  #removal(mail: KeptMail): MetaChange[] {
    this.#kept.delete(nameOf(mail));
    return [this.#notes, this.#bodies].map((prefix) => ({
      key: prefix + nameOf(mail),
      value: null,
    }));
  }
}

function nameOf({
  mailbox,
  sender,
  place,
}: Pick<KeptMail, "mailbox" | "sender" | "place">): string {
  return `${mailbox}/${sender}/${place}`;
}

function sizeOf(mails: readonly KeptMail[]): number {
  return mails.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** @param mails the oldest first · @param gone what has to go, filled here */
function makeRoom(
  mails: readonly KeptMail[],
  wanted: KeptMail,
  maxBytes: number,
  gone: Set<KeptMail>,
): boolean {
  let left = mails.filter((each) => !gone.has(each));
  while (sizeOf(left) + wanted.sizeBytes > maxBytes) {
    const totals = new Map<string, number>([[wanted.sender, wanted.sizeBytes]]);
    for (const { sender, sizeBytes } of left)
      totals.set(sender, (totals.get(sender) ?? 0) + sizeBytes);
    const [most] = [...totals].sort(([, a], [, b]) => b - a)[0] ?? [];
    const victim = left.find(({ sender }) => sender === most);
    if (!victim || most === wanted.sender) return false;
    gone.add(victim);
    left = left.filter((each) => each !== victim);
  }
  return true;
}
