import { equal } from "../codec/bytes.ts";

interface Entry<Value> {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  value: Value;
}

/** A map by (root, device) that makes no text of the keys: pages look up an author for every event. */
export class AuthorTable<Value> {
  /** By the first 4 bytes of the device. */
  readonly #entries = new Map<number, Entry<Value>[]>();
  /** Most neighbours share an author. */
  #last: Entry<Value> | undefined;

  get(root: Uint8Array, device: Uint8Array): Value | undefined {
    return this.#find(root, device)?.value;
  }

  set(root: Uint8Array, device: Uint8Array, value: Value): void {
    const entry = this.#find(root, device);
    if (entry !== undefined) {
      entry.value = value;
      return;
    }
    const added = { root, device, value };
    const shelf = this.#entries.get(shelfOf(device));
    if (shelf === undefined) this.#entries.set(shelfOf(device), [added]);
    else shelf.push(added);
    this.#last = added;
  }

  #find(root: Uint8Array, device: Uint8Array): Entry<Value> | undefined {
    if (this.#last !== undefined && isOf(this.#last, root, device)) return this.#last;
    const shelf = this.#entries.get(shelfOf(device));
    if (shelf === undefined) return undefined;
    for (const entry of shelf) if (isOf(entry, root, device)) return (this.#last = entry);
    return undefined;
  }
}

function isOf(entry: Entry<unknown>, root: Uint8Array, device: Uint8Array): boolean {
  return equal(entry.device, device) && equal(entry.root, root);
}

/** Of so many bytes that it needs no memory of its own. */
function shelfOf(device: Uint8Array): number {
  return (
    ((device[0] ?? 0) << 24) | ((device[1] ?? 0) << 16) | ((device[2] ?? 0) << 8) | (device[3] ?? 0)
  );
}
