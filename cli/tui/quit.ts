/** Where it goes on when the client is left: in another network, or behind a lock; undefined: nowhere. */
export type Next =
  | {
      readonly network: string;
      /** What was being written meanwhile. */
      readonly draft?: string;
    }
  | { readonly locked: true }
  | undefined;

/** Thrown to leave the client. */
export class Quit extends Error {
  readonly next: Next;

  constructor(next?: Next) {
    super("the client was left");
    this.next = next;
  }
}
