/** How long nothing has come over a connection: whoever has just been heard need not be asked whether they are there. */
import type { Connection, StreamMuxer } from "@libp2p/interface";

const heardMs = new WeakMap<object, number>();

/** What the type of a muxer hides: where whatever has come over the connection is handed to it. */
interface Muxer {
  onData(...args: unknown[]): void;
}

/** What the type of a connection hides. */
interface Inside {
  readonly muxer?: object;
}

/** Notes from now on when something has come. */
export function noteHeard(muxer: StreamMuxer): void {
  const inside = muxer as unknown as Muxer;
  const onData = inside.onData.bind(inside);
  inside.onData = (...args) => {
    heardMs.set(muxer, performance.now());
    onData(...args);
  };
}

/** In ms; infinite where nothing has come, or nobody takes note. */
export function silenceMs(connection: Connection): number {
  const { muxer } = connection as unknown as Inside;
  return performance.now() - ((muxer && heardMs.get(muxer)) ?? -Infinity);
}
