/** A peer that says what a test wants it to say: frame by frame, byte by byte. */
import { createCertificate } from "../../src/core/identity/certificate.ts";
import type { Certificate } from "../../src/core/identity/types.ts";
import type { FrameStream } from "../../src/core/interfaces.ts";
import type { PageForm } from "../../src/core/log/page.ts";
import type { RoomKeys } from "../../src/core/room/open-room.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../src/core/sync/frames.ts";
import { roomTag } from "../../src/core/sync/tags.ts";
import { nodeCrypto } from "../../src/node/crypto.ts";
import { LOBBY, type Replica } from "./replica.ts";
import type { VirtualNetwork, VirtualTransport } from "./virtual-network.ts";

type Of<Type extends Frame["type"]> = Extract<Frame, { type: Type }>;

export class RawPeer {
  readonly network: VirtualNetwork;
  readonly transport: VirtualTransport;
  readonly root: Uint8Array;
  readonly certificate: Certificate;
  readonly nonce = new Uint8Array(16).fill(5);
  /** Everything heard, oldest first; what `next` has given is gone. */
  readonly heard: Frame[] = [];
  /** Set when the stream has ended or was cut. */
  over = false;
  #stream: FrameStream | undefined;
  #theirs: { nonce: Uint8Array; device: Uint8Array } | undefined;

  constructor(network: VirtualNetwork, number: number) {
    const root = nodeCrypto.signer(new Uint8Array(32).fill(number + 1));
    const device = nodeCrypto.signer(new Uint8Array(32).fill(number + 2)).publicKey;
    this.network = network;
    this.root = root.publicKey;
    this.transport = network.node(device);
    this.certificate = createCertificate(root, {
      device,
      x25519: new Uint8Array(32).fill(9),
      serial: 1,
    });
  }

  get device(): Uint8Array {
    return this.transport.device;
  }

  /** Connects and opens a stream, without a word. */
  async dial(replica: Replica): Promise<void> {
    await this.#start();
    this.network.dial(this.transport, replica.transport);
    this.#use(await this.transport.open(replica.transport.peerId));
  }

  /** Lets a replica connect and open the stream. */
  async accept(replica: Replica): Promise<void> {
    await this.#start();
    this.network.dial(replica.transport, this.transport);
    await this.network.time.until("the stream", () => this.#stream !== undefined, 100);
  }

  #start(): Promise<void> {
    const silent = (): void => undefined;
    return this.transport.start({
      connected: silent,
      disconnected: silent,
      subscribers: silent,
      stream: (stream) => this.#use(stream),
      addresses: silent,
      notice: silent,
    });
  }

  /** Greets as the rules want it, and says that it is in the lobby. @param pages form of pages that it reads; earlier versions say nothing */
  async greet(rooms: readonly RoomKeys[] = [LOBBY], pages?: PageForm): Promise<void> {
    this.send({
      type: "hello",
      nonce: this.nonce,
      clockMs: this.network.time.nowMs(),
      certificate: this.certificate.wire,
      ...(pages ? { pages } : {}),
    });
    const hello = await this.next("hello");
    this.#theirs = { nonce: hello.nonce, device: (this.#stream as FrameStream).device };
    this.send({ type: "rooms", tags: rooms.map((room) => this.tag(room)) });
    await this.next("rooms");
    await this.network.time.pass(20);
  }

  /** What this peer calls a room. */
  tag(room: RoomKeys = LOBBY): Uint8Array {
    if (this.#theirs === undefined) throw new Error("not greeted");
    return roomTag(
      nodeCrypto,
      room.roomKey,
      { nonce: this.nonce, device: this.device },
      this.#theirs,
    );
  }

  send(frame: Frame): void {
    this.sendBytes(encodeFrame(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    void (this.#stream as FrameStream).send(bytes).catch(() => undefined);
  }

  /** The next frame of a type; others that come before it stay in `heard`. */
  async next<Type extends Frame["type"]>(type: Type): Promise<Of<Type>> {
    const find = (): number => this.heard.findIndex((frame) => frame.type === type);
    await this.network.time.until(`a frame "${type}"`, () => find() >= 0 || this.over, 30_000);
    if (find() < 0) throw new Error(`the stream ended before a frame "${type}"`);
    return this.heard.splice(find(), 1)[0] as Of<Type>;
  }

  /** Waits until the other side has ended the stream. */
  async ended(): Promise<void> {
    await this.network.time.until("the end of the stream", () => this.over, 60_000);
  }

  #use(stream: FrameStream): void {
    this.#stream = stream;
    void this.#read(stream);
  }

  async #read(stream: FrameStream): Promise<void> {
    try {
      for await (const bytes of stream.frames()) {
        const frame = decodeFrame(bytes);
        if (frame !== undefined) this.heard.push(frame);
      }
    } catch {
      // Cut: over all the same.
    }
    if (stream === this.#stream) this.over = true;
  }
}
