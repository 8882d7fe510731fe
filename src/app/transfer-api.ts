/** The part of ParleyApi by which rooms leave as files and come back (docs/spec/export.md). */

/** An event as it travels in a file. Its text is for readers; only `author`, `wire` and `id` are believed, and checked. */
export interface ExportedEvent {
  /** 64 hex digits. */
  readonly id: string;
  /** Identity (root) key, hex. */
  readonly author: string;
  /** Base64 of the canonical wire bytes. */
  readonly wire: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** What it says, where this version can show it. */
  readonly kind?: "text" | "action" | "name";
  readonly name?: string;
  /** Cleaned. */
  readonly text?: string;
}

export interface ExportPage {
  /** Canonical name. */
  readonly room: string;
  readonly roomId: string;
  readonly network: string;
  /** Events stored in the room now. */
  readonly total: number;
  /** In the order of the room. */
  readonly events: readonly ExportedEvent[];
  /** Certificates of the authors of this page, base64. */
  readonly certificates: readonly string[];
  /** The cursor of the next page; absent where this one is the last. */
  readonly next?: string;
}

/** A line of a file to import. */
export type ImportItem =
  | { readonly certificate: string }
  | { readonly author: string; readonly wire: string; readonly id: string };

export interface ImportPageRequest {
  readonly room: string;
  /** The room the file is of, hex. */
  readonly roomId: string;
  readonly items: readonly ImportItem[];
  /** Go on behind an item that is refused; otherwise what follows it is left alone. */
  readonly skipDamaged: boolean;
  /** The last page: resolves when everything imported is synced to disk. */
  readonly last: boolean;
}

export interface ImportResult {
  /** The room was not joined before, and is now. */
  readonly joined: boolean;
  /** Events stored now. */
  readonly added: number;
  /** Events that were stored before. */
  readonly known: number;
  /** Events beyond what one device may write in a day: kept aside. */
  readonly overQuota: number;
  /** Items that are not what they say: place in the request, and why. */
  readonly refused: readonly { readonly index: number; readonly why: string }[];
  /** Events whose own signature is false and that no event so far proves; one of the next page may. */
  readonly unproven: readonly number[];
}

export interface TransferApi {
  /** Events behind a cursor, at most about 1 MiB. @param request.after cursor; default: the beginning */
  exportPage(request: { room: string; after?: string }): Promise<ExportPage>;
  /**
   * Verifies and stores events of a file, and joins its room first where that is not joined. Stored all the same is what was good
   * in a page with refused items.
   * @throws `wrong-room`, before anything is joined or stored
   */
  importPage(request: ImportPageRequest): Promise<ImportResult>;
}
