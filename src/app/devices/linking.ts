/** Linking another device from the one that holds the phrase: the ticket, and `/parley/link/1` from the side that answers. */
import { toHex } from "../../core/codec/bytes.ts";
import { ParleyError } from "../../core/codec/errors.ts";
import {
  DEVICE_TICKET_LIFETIME_MAX_MS,
  DEVICE_TICKETS_MAX_COUNT,
  LINK_FRAME_MAX_BYTES,
  LINK_TIMEOUT_MS,
  LINKS_AT_ONCE_MAX_COUNT,
} from "../../core/codec/limits.ts";
import { createCertificate } from "../../core/identity/certificate.ts";
import type { Certificate } from "../../core/identity/types.ts";
import type { FrameStream } from "../../core/interfaces.ts";
import { EPOCH_MS } from "../../core/log/clock.ts";
import {
  linkSigner,
  makeDeviceTicket,
  readDeviceTicket,
} from "../../core/network/device-ticket.ts";
import {
  encodeFollowing,
  encodeLinkAnswer,
  encodeLinkChallenge,
  type FollowingRecord,
  LINK_NONCE_BYTES,
  LINK_PROTOCOL,
  linkBytes,
  type LinkRefusal,
  type LinkRequest,
  readLinkRequest,
} from "../../core/network/link.ts";
import { TICKET_SEED_BYTES } from "../../core/network/ticket.ts";
import { cleanName } from "../../core/text/clean.ts";
import type { AddressInfo } from "../api.ts";
import type { Context } from "../context.ts";
import type { DeviceTicketInfo, LinkedDevice } from "../devices-api.ts";
import { reachOf } from "../online/address-reach.ts";
import { type Answer, serveOn } from "../online/served.ts";
import { nearAddresses } from "../networks/ticket-addresses.ts";
import { gatherFollowing, peerRecords } from "./following.ts";

export const DEVICE_TICKET_LIFETIME_MS = 600_000;

interface Made {
  readonly key: Uint8Array;
  readonly expiresMs: number;
  /** The device that has shown it, in hex. */
  by: string | undefined;
  over: "used" | "expired" | undefined;
  readonly linked: PromiseWithResolvers<LinkedDevice>;
}

export class Linking {
  readonly #context: Context;
  /** Key of the ticket in hex → what became of it, oldest first. In memory alone: a restart ends them all. */
  readonly #made = new Map<string, Made>();
  /** Calls a new device by what its machine is called, where it has no name yet. */
  readonly #named: (device: string, name: string) => Promise<void>;
  #running = 0;

  constructor(context: Context, named: (device: string, name: string) => Promise<void>) {
    this.#context = context;
    this.#named = named;
  }

  /** Makes a ticket; the one before ends. @throws ParleyError `no-phrase`, `bad-terms`, `no-address` */
  async make({ lifetimeMs = DEVICE_TICKET_LIFETIME_MS }): Promise<DeviceTicketInfo> {
    const { init, root, signer, revocations, author, link } = this.#context;
    const { crypto, random, clock, timers, privateNetwork, networkName } = init;
    if (!init.rootSign)
      throw new ParleyError(
        "no-phrase",
        "The recovery phrase is not on this device, so it cannot make another one yours.",
        { hint: "Link from the device that holds it, or type {parley id restore} on the new one." },
      );
    if (revocations.isRevoked(author, toHex(signer.publicKey)))
      throw new ParleyError("device-revoked", "This device was revoked: it links no others.");
    const minutes = DEVICE_TICKET_LIFETIME_MAX_MS / 60_000;
    if (!(lifetimeMs >= 1_000 && lifetimeMs <= DEVICE_TICKET_LIFETIME_MAX_MS))
      throw new ParleyError(
        "bad-terms",
        `A ticket that links a device is good for 1 second to ${minutes} minutes.`,
      );
    const addresses = nearAddresses(this.#addresses(), !privateNetwork);
    if (!link.transport || addresses.length === 0)
      throw new ParleyError(
        "no-address",
        "This node listens nowhere, so a ticket could not be used.",
        { hint: "{parley doctor} says why." },
      );
    for (const one of this.#made.values()) this.#expire(one);
    const seed = random.bytes(TICKET_SEED_BYTES);
    const expiresS = Math.ceil((clock.nowMs() + lifetimeMs) / 1_000);
    const ticket = makeDeviceTicket(signer, {
      root,
      network: privateNetwork?.id ?? networkName,
      seed,
      expiresS,
      outerKey: privateNetwork?.entry.outerKey ?? null,
      addresses: addresses.map(({ address }) => address.replace(/\/p2p\/[^/]+$/, "")),
    });
    const made: Made = {
      key: linkSigner(crypto, seed).publicKey,
      expiresMs: expiresS * 1_000,
      by: undefined,
      over: undefined,
      linked: Promise.withResolvers<LinkedDevice>(),
    };
    made.linked.promise.catch(() => undefined);
    this.#made.set(toHex(made.key), made);
    for (const key of this.#made.keys())
      if (this.#made.size > DEVICE_TICKETS_MAX_COUNT) this.#made.delete(key);
    timers.after(made.expiresMs - clock.nowMs(), () => this.#expire(made));
    await this.look();
    return { ticket, expires: new Date(made.expiresMs).toISOString(), addresses };
  }

  /** Whether a ticket is out that may link a device now. */
  get isOut(): boolean {
    const { init, revocations, author, signer } = this.#context;
    if (revocations.isRevoked(author, toHex(signer.publicKey))) return false;
    const nowMs = init.clock.nowMs();
    return [...this.#made.values()].some(
      ({ over, expiresMs }) => over === undefined && nowMs < expiresMs,
    );
  }

  /**
   * What is answered. A private network has no door that leads nowhere: it is there as long as a ticket is out. In an open one
   * whoever comes late is told why.
   */
  served(): [string, Answer][] {
    if (this.#context.init.privateNetwork && !this.isOut) return [];
    return [[LINK_PROTOCOL, (stream) => this.answer(stream)]];
  }

  /** A ticket was made or has ended, or this device was revoked. Resolves once the network knows it. */
  async look(): Promise<void> {
    const { link, init } = this.#context;
    const [[, answer] = [LINK_PROTOCOL, null]] = this.served();
    try {
      await serveOn(link.transport, LINK_PROTOCOL, answer);
    } catch (error) {
      init.logger.warn("linking is announced wrongly", { error: String(error) });
    }
  }

  /** Resolves when a device has been linked by this ticket. @throws ParleyError `link-expired`, `link-unknown`, `bad-ticket` */
  linked({ ticket }: { ticket: string }): Promise<LinkedDevice> {
    const { crypto } = this.#context.init;
    const { publicKey } = linkSigner(crypto, readDeviceTicket(crypto, ticket).seed);
    const made = this.#made.get(toHex(publicKey));
    if (made) return made.linked.promise;
    return Promise.reject(
      new ParleyError("link-unknown", "This device has made no such ticket since it was started."),
    );
  }

  /** Somebody wants to be another device of this person. */
  async answer(stream: FrameStream): Promise<void> {
    const { init } = this.#context;
    if (this.#running >= LINKS_AT_ONCE_MAX_COUNT) return stream.abort("not now");
    this.#running++;
    const cancel = init.timers.after(LINK_TIMEOUT_MS, () => stream.abort("too late"));
    const frames = stream.frames()[Symbol.asyncIterator]();
    try {
      const nonce = init.random.bytes(LINK_NONCE_BYTES);
      await stream.send(encodeLinkChallenge(nonce));
      const request = readLinkRequest(await nextFrame(frames));
      const judged = this.#judge(request, stream.device, nonce);
      if (typeof judged === "string") await stream.send(encodeLinkAnswer(judged));
      else await this.#link(judged, request, stream, frames);
    } finally {
      this.#running--;
      cancel();
      await stream.close();
    }
  }

  /** The ticket that a request shows, taken for its device; or why there is none. */
  #judge(
    { key, proof, x25519 }: LinkRequest,
    device: Uint8Array,
    nonce: Uint8Array,
  ): Made | LinkRefusal {
    const { init, root, signer, revocations, author } = this.#context;
    const made = this.#made.get(toHex(key));
    const said = { root, device, x25519, responder: signer.publicKey, nonce };
    if (!made || !init.crypto.verify(key, linkBytes(said), proof)) return "link-unknown";
    if (made.by !== undefined && made.by !== toHex(device)) return "link-used";
    if (made.over !== undefined || init.clock.nowMs() >= made.expiresMs)
      return made.over === "used" ? "link-used" : "link-expired";
    if (revocations.isRevoked(author, toHex(signer.publicKey))) return "device-revoked";
    made.by = toHex(device);
    return made;
  }

  async #link(
    made: Made,
    { x25519, name }: LinkRequest,
    stream: FrameStream,
    frames: AsyncIterator<Uint8Array>,
  ): Promise<void> {
    const { init, notices } = this.#context;
    const certificate = this.#certify(stream.device, x25519);
    await init.allNetworks?.admit(certificate);
    const { records, left } = await gatherFollowing(init.store, await this.#peers());
    await stream.send(encodeLinkAnswer(certificate.wire));
    for (const frame of encodeFollowing(records)) await stream.send(frame);
    // It says so when it has kept them.
    await nextFrame(frames);
    const device = toHex(certificate.device);
    const called = cleanName(name);
    if (called !== "") await this.#named(device, called);
    made.over = "used";
    await this.look();
    made.linked.resolve({ device, name: called, left });
    notices.say({
      level: "info",
      code: "device-linked",
      text: `${called === "" ? "A device" : called} is another device of yours now.`,
      hint: `If that was not you: {parley device revoke ${device.slice(0, 12)}}`,
    });
  }

  #certify(device: Uint8Array, x25519: Uint8Array): Certificate {
    const { init, root } = this.#context;
    const { rootSign } = init;
    if (!rootSign) throw new ParleyError("no-phrase", "The recovery phrase is not on this device.");
    const serial = Math.max(0, Math.floor(init.clock.nowMs()) - EPOCH_MS);
    return createCertificate({ publicKey: root, sign: rootSign }, { device, x25519, serial });
  }

  #expire(made: Made): void {
    if (made.over !== undefined) return;
    made.over = "expired";
    made.linked.reject(
      new ParleyError("link-expired", "Nothing was linked: the ticket is not good any more."),
    );
    void this.look();
  }

  /** Where this device is reached, so that both find each other in every network. */
  async #peers(): Promise<FollowingRecord[]> {
    const { allNetworks, clock } = this.#context.init;
    return peerRecords((await allNetworks?.addresses()) ?? [], clock.nowMs());
  }

  #addresses(): AddressInfo[] {
    return reachOf(this.#context.link.transport?.addresses() ?? []);
  }
}

async function nextFrame(frames: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const { value, done } = await frames.next();
  if (done === true) throw new ParleyError("stream-lost", "The other side said nothing more.");
  if ((value as Uint8Array).length <= LINK_FRAME_MAX_BYTES) return value as Uint8Array;
  throw new ParleyError("bad-link", "The other side does not keep to the rules of linking.");
}
