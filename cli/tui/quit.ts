/** Thrown to leave the client, or this network for another. */
export class Quit extends Error {
  /** Where to go on; undefined: nowhere. */
  readonly network: string | undefined;

  constructor(network?: string) {
    super("the client was left");
    this.network = network;
  }
}
