/** This profile's node in one network: off, starting, on, or failed to start. */
import { ParleyError } from "../../core/codec/errors.ts";
import type { Peer } from "../../core/interfaces.ts";
import type { PrivateNetwork } from "../../core/network/ports.ts";
import type { ReplicatorListener } from "../../core/sync/replicator.ts";
import type { StatusInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { Presence } from "../people/presence.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { ClockWatch } from "./clock-watch.ts";
import { sentenceOf } from "./network-link.ts";
import { type Answer, serveOn } from "./served.ts";

export interface OnlineInit {
  readonly context: Context;
  readonly rooms: Rooms;
  readonly presence: Presence;
  readonly listener: ReplicatorListener;
  /** Protocols beside sync that are answered now, and by whom. */
  readonly served: () => ReadonlyMap<string, Answer>;
  /** What a transport has to know of a private network. */
  readonly privateSide: () => PrivateNetwork | undefined;
}

export class Online {
  readonly #init: OnlineInit;
  readonly #clockWatch: ClockWatch;
  #state: StatusInfo["networkState"] = "off";
  #closed = false;

  constructor(init: OnlineInit) {
    this.#init = init;
    const { link, init: ports } = init.context;
    this.#clockWatch = new ClockWatch({ ...ports, jumped: () => link.greetAgain() });
  }

  get state(): StatusInfo["networkState"] {
    return this.#state;
  }

  /** Starts listening, dialling and reconciling. A failure is a notice, not an exception: the store stays usable. */
  async start(): Promise<void> {
    const { context, rooms, presence, listener, served, privateSide } = this.#init;
    const { init, link, notices, device } = context;
    const { createTransport } = init;
    if (!createTransport || this.#state === "on" || this.#state === "starting") return;
    this.#state = "starting";
    try {
      const transport = await createTransport(device.seed, privateSide());
      for (const [protocol, answer] of served()) await serveOn(transport, protocol, answer);
      await link.start({
        certificate: device.certificate,
        rooms: rooms.all().map(({ state }) => state),
        listener,
        ownName: () => context.name,
        transport,
        peersChanged: () => presence.changed(),
      });
      this.#state = "on";
      notices.clear("network-failed");
    } catch (error) {
      this.#state = "failed";
      await link.stop().catch(() => undefined);
      notices.set({ level: "error", code: "network-failed", ...sentenceOf(error) });
    }
    if (this.#closed) return;
    rooms.networkUp();
    presence.begin();
    presence.changed();
    this.#clockWatch.begin();
  }

  /** Goes on under another device key. */
  async restart(): Promise<void> {
    if (this.#closed) return;
    this.#state = "off";
    await this.#init.context.link.stop();
    await this.start();
  }

  /** Goes on with another key of the outer fence, where it runs. */
  async renew(): Promise<void> {
    if (this.#state === "on" || this.#state === "failed") await this.restart();
  }

  /** A room was joined: if nobody is there, that is said. */
  entered(): void {
    if (this.#state === "on") this.#init.presence.begin();
  }

  /** @throws ParleyError `network-off`, and what the transport says */
  async connect(address: string): Promise<Peer> {
    const { transport } = this.#init.context.link;
    if (transport && this.#state === "on") return transport.connect(address);
    throw new ParleyError("network-off", "The network is not running, so nobody can be dialled.", {
      hint: "{parley node} keeps it running; {parley doctor} says what is wrong.",
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const { context, presence } = this.#init;
    presence.close();
    this.#clockWatch.close();
    await context.link.stop().catch((error: unknown) => {
      context.init.logger.warn("the network did not stop cleanly", { error: String(error) });
    });
  }
}
