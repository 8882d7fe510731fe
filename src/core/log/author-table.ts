import { equal } from "../codec/bytes.ts";

interface Entry<Value> {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  value: Value;
}

/** A map by (root, device) that makes no text of the keys: pages look up an author for every event. */
export class AuthorTable<Value> {
  /** By the first 6 bytes of the device. */
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
    const found = this.#entries.get(shelfOf(device))?.find((entry) => isOf(entry, root, device));
    if (found !== undefined) this.#last = found;
    return found;
  }
}

function isOf(entry: Entry<unknown>, root: Uint8Array, device: Uint8Array): boolean {
  return equal(entry.device, device) && equal(entry.root, root);
}

function shelfOf(device: Uint8Array): number {
  let shelf = 0;
  for (let i = 0; i < 6; i++) shelf = shelf * 256 + (device[i] ?? 0);
  return shelf;
}
