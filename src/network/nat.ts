/**
 * What a node behind a router can find out and ask for: peers tell it whether its addresses can be dialled (AutoNAT), and the
 * router forwards a port where it takes such requests (UPnP). Loaded after the start, because a start must not wait for it.
 */
import { autoNAT } from "@libp2p/autonat";
import type { Connection } from "@libp2p/interface";
import { uPnPNAT } from "@libp2p/upnp-nat";
import { NAT_ASK_PERIOD_MS } from "../core/codec/limits.ts";
import { isPublic } from "./addresses.ts";
import { type Components, componentsOf, type LateParts } from "./components.ts";
import type { ParleyNode } from "./libp2p-node.ts";

const AUTONAT_PROTOCOL = "/libp2p/autonat/1.0.0";

/** What the type of the library's service hides. */
interface Verifier {
  verifyExternalAddresses(connection: Connection): Promise<void>;
}

/** @param upnp whether to ask the router */
export async function watchNat(node: ParleyNode, parts: LateParts, upnp: boolean): Promise<void> {
  const components = componentsOf(node);
  const dialling: unknown = diallingAnew(components);
  const verifier: unknown = await parts.add(
    autoNAT()(dialling as Parameters<ReturnType<typeof autoNAT>>[0]),
  );
  await parts.add(new Asking(node, verifier as Verifier));
  if (!upnp) return;
  const asked: unknown = components;
  await parts.add(uPnPNAT()(asked as Parameters<ReturnType<typeof uPnPNAT>>[0]));
}

/**
 * Whoever asks is connected, and the library "dials" it by taking that connection, finds it to be another than it wanted, and
 * closes it. Nothing was ever vouched for so, and who asked was cut off.
 */
function diallingAnew(components: Components): Components {
  const { connectionManager } = components;
  const anew = withOwn(connectionManager, {
    // A list of addresses is of somebody found at random, who may as well be connected already.
    openConnection: (target, options) =>
      connectionManager.openConnection(
        target,
        Array.isArray(target) ? options : { ...options, force: true },
      ),
  });
  return withOwn(components, { connectionManager: anew });
}

/** An object with some parts of its own, and otherwise another. */
function withOwn<Whole extends object>(whole: Whole, own: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get(target, name) {
      const value: unknown = Reflect.get(name in own ? own : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The library asks a peer when it connects, and by then the router has rarely been asked: here they are asked again. */
class Asking {
  readonly #node: ParleyNode;
  readonly #verifier: Verifier;
  #timer: NodeJS.Timeout | undefined;

  constructor(node: ParleyNode, verifier: Verifier) {
    this.#node = node;
    this.#verifier = verifier;
  }

  start(): void {
    void this.#ask();
    this.#timer = setInterval(() => void this.#ask(), NAT_ASK_PERIOD_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    const nowMs = Date.now();
    const doubtful = componentsOf(this.#node)
      .addressManager.getAddressesWithMetadata()
      .some(
        ({ type, multiaddr, expires }) =>
          type !== "observed" && expires < nowMs && isPublic(multiaddr),
      );
    if (!doubtful) return;
    const wide = this.#node
      .getConnections()
      .filter(({ limits, remoteAddr }) => !limits && isPublic(remoteAddr));
    for (const connection of wide) {
      // One that has just gone, or refuses, is asked no more; others are.
      const { protocols } = await this.#node.peerStore
        .get(connection.remotePeer)
        .catch(() => ({ protocols: [] as string[] }));
      if (protocols.includes(AUTONAT_PROTOCOL))
        await this.#verifier.verifyExternalAddresses(connection).catch(() => undefined);
    }
  }
}
