/** How a private network that is joined later finds its way to one's other devices (`/parley/networks/1`, docs/spec/devices.md). */
import { equal, toHex } from "../../core/codec/bytes.ts";
import { isParleyError } from "../../core/codec/errors.ts";
import {
  LINK_FRAME_MAX_BYTES,
  NETWORKS_ASK_MAX_BYTES,
  NETWORKS_TIMEOUT_MS,
  RECALL_TELL_DELAY_MS,
} from "../../core/codec/limits.ts";
import { decodeCertificate } from "../../core/identity/certificate.ts";
import type { Certificate } from "../../core/identity/types.ts";
import type { FrameStream, Peer } from "../../core/interfaces.ts";
import { Fields, Misfit } from "../../core/network/fields.ts";
import { encodeCbor } from "../../core/codec/cbor.ts";
import { encodeFollowing, FollowingReader } from "../../core/network/link.ts";
import type { Context } from "../context.ts";

export const NETWORKS_PROTOCOL = "/parley/networks/1";

export class NetworksBetween {
  readonly #context: Context;
  #cancelTelling: (() => void) | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** A device was met: one's own are asked each time. */
  greeted({ peerId }: Pick<Peer, "peerId">): void {
    if (this.#context.link.authorOf(peerId) === this.#context.author) this.#ask(peerId, false);
  }

  /** A network was entered: own devices that are connected hear of it. */
  entered(): void {
    const { init, link, author: me } = this.#context;
    if (this.#cancelTelling || !link.transport) return;
    this.#cancelTelling = init.timers.after(RECALL_TELL_DELAY_MS, () => {
      this.#cancelTelling = undefined;
      for (const { peerId } of link.peers())
        if (link.authorOf(peerId) === me) this.#ask(peerId, true);
    });
  }

  /** Names to an own device every private network, once the members of each have been told of it. */
  async answer(stream: FrameStream): Promise<void> {
    const { init, link, revocations, author: me } = this.#context;
    const { peerId, device } = stream;
    const isOwn = link.authorOf(peerId) === me && !revocations.isRevoked(me, toHex(device));
    if (!isOwn) return stream.abort("not now");
    await this.#within(stream, async () => {
      for await (const frame of stream.frames()) {
        const { certificate, back } = this.#read(frame, device);
        const records = (await init.allNetworks?.share(certificate)) ?? [];
        for (const each of encodeFollowing(records)) await stream.send(each);
        if (back) this.#ask(peerId, false);
        break;
      }
    });
  }

  /** @throws Misfit for a certificate of another device, and what decoding one throws */
  #read(frame: Uint8Array, device: Uint8Array): { certificate: Certificate; back: boolean } {
    if (frame.length > NETWORKS_ASK_MAX_BYTES) throw new Misfit("too long");
    const fields = Fields.decode(frame);
    const wire = fields.bytes(0, NETWORKS_ASK_MAX_BYTES);
    const back = fields.number(0, 1) === 1;
    fields.end();
    const certificate = decodeCertificate(this.#context.init.crypto, wire);
    const { root } = this.#context;
    if (!equal(certificate.root, root) || !equal(certificate.device, device))
      throw new Misfit("of another device");
    return { certificate, back };
  }

  /** @param back whether there is something to be asked for here too */
  #ask(peerId: string, back: boolean): void {
    const { init, device, link } = this.#context;
    const { transport } = link;
    if (!transport || !init.allNetworks) return;
    const work = async (): Promise<void> => {
      const stream = await transport.open(peerId, NETWORKS_PROTOCOL);
      const reader = new FollowingReader();
      await this.#within(stream, async () => {
        await stream.send(encodeCbor([device.certificate.wire, back ? 1 : 0]));
        for await (const frame of stream.frames()) {
          if (frame.length > LINK_FRAME_MAX_BYTES) throw new Misfit("too long");
          if (!reader.take(frame)) break;
        }
      });
      this.#tell((await init.allNetworks?.follow(reader.records)) ?? []);
    };
    work().catch((error: unknown) => {
      if (!(error instanceof Misfit) && !isParleyError(error)) init.logger.warn(String(error));
      init.logger.debug("no network came from another device", { error: String(error) });
    });
  }

  #tell(names: readonly string[]): void {
    if (names.length === 0) return;
    this.#context.notices.say({
      level: "info",
      code: "networks-followed",
      text: `Another device of yours is in the private network ${names.join(", ")}: this one is now too.`,
      hint: "{parley net use NAME|/net use NAME} goes there, {parley net leave NAME|/net leave NAME} leaves it here.",
    });
  }

  async #within(stream: FrameStream, work: () => Promise<void>): Promise<void> {
    const { timers } = this.#context.init;
    const cancel = timers.after(NETWORKS_TIMEOUT_MS, () => stream.abort("too late"));
    try {
      await work();
    } finally {
      cancel();
      await stream.close();
    }
  }
}
