/** ParleyApi over the socket of a running node. */
import { connect, type Socket } from "node:net";
import { API_VERSION, type AppEvent, type ParleyApi } from "../app/api.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { apiOver } from "./api-over.ts";
import { refuseForeign } from "./files.ts";
import { parleyErrorOf, parseLine, readLines, type RpcError, sendMessage } from "./rpc.ts";

export interface SocketSession {
  readonly api: ParleyApi;
  /** A command answers, which ends soon, and not a node. */
  readonly passing: boolean;
  close(): Promise<void>;
}

/** The reason of a "closed" after which another process is to be asked. */
export const HANDED_OVER = "handed over";
/** The reason of a "closed" without a goodbye: the process was killed or has crashed. */
export const LOST = "the node has gone without a word";

/** Connects to the node behind a socket, in a network; undefined when none listens there. @throws ParleyError `api-version`, `file-foreign` */
export async function connectSocket(
  path: string,
  client: string,
  network?: string,
): Promise<SocketSession | undefined> {
  await refuseForeign(path);
  const socket = await dial(path);
  if (!socket) return undefined;
  const proxy = new RemoteApi(socket);
  let passing = false;
  try {
    const wanted = network === undefined ? {} : { network };
    const answer = await proxy.call("hello", { client, api: API_VERSION, ...wanted });
    passing = (answer as { passing?: boolean }).passing === true;
  } catch (error) {
    socket.destroy();
    // A node that is just ending closes its socket: as if none were there.
    if (
      error instanceof ParleyError &&
      ["node-gone", "node-closing", "node-stopped"].includes(error.code)
    )
      return undefined;
    throw error;
  }
  return { api: proxy.api, passing, close: () => proxy.close() };
}

function dial(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

class RemoteApi {
  readonly #socket: Socket;
  readonly #waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: unknown) => void }
  >();
  readonly #listeners = new Set<(event: AppEvent) => void>();
  #last = 0;
  #closing = false;
  /** The node has said goodbye: what it has not answered it has not done. */
  #refused = false;
  #handedOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    readLines(socket, (line) => this.#take(line));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#closed());
  }

  get api(): ParleyApi {
    return apiOver(
      (method, params) => this.call(method, params),
      (listener) => this.#subscribe(listener),
    );
  }

  call(method: string, params?: unknown): Promise<unknown> {
    if (this.#socket.destroyed) return Promise.reject(this.#gone(false));
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      sendMessage(this.#socket, {
        jsonrpc: "2.0",
        id,
        method,
        ...(params === undefined ? {} : { params }),
      });
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#socket.once("close", () => resolve());
      this.#socket.end();
      setTimeout(() => this.#socket.destroy(), 500).unref();
    });
  }

  #subscribe(listener: (event: AppEvent) => void): () => void {
    const own = (event: AppEvent): void => listener(event);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) void this.call("subscribe").catch(() => undefined);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) void this.call("unsubscribe").catch(() => undefined);
    };
  }

  #take(line: string): void {
    const message = parseLine(line);
    if (message?.method === "event") {
      for (const listener of this.#listeners) listener(message.params as AppEvent);
      return;
    }
    if (message?.method === "closing") {
      this.#refused = true;
      this.#handedOver = (message.params as { handOver?: boolean } | undefined)?.handOver === true;
    }
    const waiting = typeof message?.id === "number" ? this.#waiting.get(message.id) : undefined;
    if (!message || !waiting) return;
    this.#waiting.delete(message.id as number);
    if (message.error === undefined) waiting.resolve(message.result);
    else waiting.reject(parleyErrorOf(message.error as RpcError));
  }

  #closed(): void {
    for (const { reject } of this.#waiting.values()) reject(this.#gone(true));
    this.#waiting.clear();
    if (this.#closing) return;
    const reason = this.#handedOver ? HANDED_OVER : this.#refused ? "the node was stopped" : LOST;
    for (const listener of this.#listeners) listener({ type: "closed", reason });
  }

  /** @param asked whether the request had been written, so that the node may have done it */
  #gone(asked: boolean): ParleyError {
    if (this.#refused && !this.#handedOver)
      return new ParleyError("node-stopped", "The node was stopped before it took this.", {
        hint: "{parley} starts another.",
      });
    return this.#refused || !asked
      ? new ParleyError("node-closing", "The node has ended before it took this.", {
          hint: "Try again.",
        })
      : new ParleyError("node-gone", "The node has ended.", { hint: "{parley} starts another." });
  }
}
