import type { Judged } from "./judged.ts";

/** Events by a name, in the order in which they came but for those of a device: these by seq. */
export class Lists {
  readonly #lists = new Map<string, Judged[]>();

  of(name: string): readonly Judged[] {
    return this.#lists.get(name) ?? [];
  }

  put(name: string, judged: Judged): void {
    this.insert(name, judged, this.of(name).length);
  }

  insert(name: string, judged: Judged, at: number): void {
    const list = this.#lists.get(name);
    if (list) list.splice(at, 0, judged);
    else this.#lists.set(name, [judged]);
  }
}
