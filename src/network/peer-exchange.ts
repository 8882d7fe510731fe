/**
 * Peers of peers, `/parley/peers/1`: a node asks those it is connected to for addresses of others in the same network. One
 * frame each way; everything in it is a hint that a dial has yet to prove (docs/spec/network.md).
 */
import type { Connection, PeerId, Stream } from "@libp2p/interface";
import { decodeCbor, encodeCbor } from "../core/codec/cbor.ts";
import {
  ADDRESS_MAX_BYTES,
  DIAL_TIMEOUT_MS,
  EXCHANGED_ADDRESSES_MAX_COUNT,
} from "../core/codec/limits.ts";
import type { FrameStream, Random } from "../core/interfaces.ts";
import { isLoopback } from "./addresses.ts";
import { Libp2pFrameStream } from "./frame-stream.ts";
import { deviceOf } from "./peer-id.ts";
import { shuffled } from "./shuffled.ts";
import type { ProtocolNames } from "./protocol-names.ts";

export const PEERS_PROTOCOL = "/parley/peers/1";
/** Answering an empty frame costs little; waiting for one must end. */
const ANSWER_MAX_MS = 5_000;

/** Identify and the first greetings go first; while a node is new, others may be just behind it. */
const DELAYS_MS = [300, 1_500, 10_000, 60_000, 180_000];

export interface PeerExchangeInit {
  readonly random: Random;
  readonly names: ProtocolNames;
  /** An open connection to a peer. */
  readonly connectionTo: (peerId: string) => Connection | undefined;
  readonly found: (address: string) => void;
  /** Whether there are connections enough: others are then only of use later. */
  readonly isSated: () => boolean;
  /** Runs later unless the node has stopped. */
  readonly later: (delayMs: number, work: () => Promise<void>) => void;
}

/** Tells and asks. */
export class PeerExchange {
  readonly #init: PeerExchangeInit;
  /** Peer id → addresses at which others may reach it. */
  readonly #dialable = new Map<string, readonly string[]>();

  constructor(init: PeerExchangeInit) {
    this.#init = init;
  }

  know(peerId: string, addresses: readonly string[]): void {
    this.#dialable.set(peerId, addresses);
  }

  forget(peerId: string): void {
    this.#dialable.delete(peerId);
  }

  /** Asks a peer for others, now and again for as long as it is connected. */
  ask(peerId: PeerId, round = 0): void {
    const last = DELAYS_MS.length - 1;
    const delayMs = DELAYS_MS[this.#init.isSated() ? last : Math.min(round, last)] as number;
    this.#init.later(delayMs, async () => {
      const connection = this.#init.connectionTo(peerId.toString());
      const device = deviceOf(peerId);
      if (!connection || !device) return;
      try {
        const stream = await connection.newStream(this.#init.names(PEERS_PROTOCOL), {
          signal: AbortSignal.timeout(DIAL_TIMEOUT_MS),
          runOnLimitedConnection: true,
        });
        const frames = new Libp2pFrameStream(stream, peerId.toString(), device);
        for (const address of await askPeers(frames)) this.#init.found(address);
      } finally {
        this.ask(peerId, round + 1);
      }
    });
  }

  async answer(stream: Stream, { remotePeer, remoteAddr }: Connection): Promise<void> {
    const asker = remotePeer.toString();
    const device = deviceOf(remotePeer);
    if (!device) return stream.abort(new Error("not served"));
    const local = isLoopback(remoteAddr);
    // In a large network each asker hears of others.
    const addresses = shuffled(this.#init.random, [...this.#dialable])
      .filter(([peerId]) => peerId !== asker)
      .flatMap(([, known]) => known.slice(0, 2))
      .filter((address) => local || !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address));
    await answerPeers(new Libp2pFrameStream(stream, asker, device), addresses).catch(
      () => undefined,
    );
  }
}

/** Answers one question. @param addresses what may be told to this peer. */
async function answerPeers(stream: FrameStream, addresses: readonly string[]): Promise<void> {
  for await (const _ of stream.frames()) {
    await stream.send(encodeCbor(addresses.slice(0, EXCHANGED_ADDRESSES_MAX_COUNT)));
    break;
  }
  await stream.close();
}

/** Asks one peer. An answer that breaks the rules is nothing. */
async function askPeers(stream: FrameStream): Promise<string[]> {
  const timer = setTimeout(() => stream.abort("no answer"), ANSWER_MAX_MS);
  timer.unref();
  try {
    await stream.send(encodeCbor([]));
    for await (const frame of stream.frames()) return readAddresses(frame);
    return [];
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
    await stream.close();
  }
}

function readAddresses(frame: Uint8Array): string[] {
  const value = decodeCbor(frame);
  if (!Array.isArray(value) || value.length > EXCHANGED_ADDRESSES_MAX_COUNT) return [];
  return value.filter(
    (item) => typeof item === "string" && item.length <= ADDRESS_MAX_BYTES,
  ) as string[];
}
