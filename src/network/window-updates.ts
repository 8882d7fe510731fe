/**
 * Yamux answers every frame of data with one that opens the window again, however little of it was used: in a chat, where
 * frames are small, half of all frames, each encrypted, written and read. Here it waits until half the window is used, as
 * Go's yamux does (docs/adr/0184-frames-that-say-little.md).
 */
import { yamux } from "@chainsafe/libp2p-yamux";
import { noteHeard } from "./silence.ts";

type Make = ReturnType<typeof yamux>;

/** What the type of a muxer hides: where each of its streams is made. */
const MAKE_STREAM = "_newStream";
interface Inside {
  [MAKE_STREAM](...args: unknown[]): {
    /** `Established`: both sides know of the stream, and it is not paused. */
    readonly state: number;
    readonly recvWindow: number;
    readonly recvWindowCapacity: number;
    sendWindowUpdate(): void;
  };
}

const ESTABLISHED = 3;

/** Yamux that opens windows rarely, and takes note of when something came. */
export function sparingYamux(...init: Parameters<typeof yamux>): Make {
  const make = yamux(...init);
  return () => {
    const factory = make();
    const create = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (maConn) => {
      const muxer = create(maConn);
      noteHeard(muxer);
      const inside = muxer as unknown as Inside;
      const newStream = inside[MAKE_STREAM].bind(inside);
      inside[MAKE_STREAM] = (...args) => {
        const stream = newStream(...args);
        const update = stream.sendWindowUpdate.bind(stream);
        stream.sendWindowUpdate = () => {
          const open = stream.recvWindowCapacity > stream.recvWindow / 2;
          if (stream.state !== ESTABLISHED || !open) update();
        };
        return stream;
      };
      return muxer;
    };
    return factory;
  };
}
