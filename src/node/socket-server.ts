/** Serves ParleyApi to other processes of the same user (docs/spec/socket.md). */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { AppEvent, ParleyApi } from "../app/api.ts";
import { ParleyError } from "../core/codec/errors.ts";
import { SOCKET_CLIENTS_MAX_COUNT, SOCKET_REQUESTS_MAX_COUNT } from "../core/codec/limits.ts";
import type { Logger } from "../core/interfaces.ts";
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  parseLine,
  readLines,
  rpcErrorOf,
  sendMessage,
} from "./rpc.ts";
import { isMethod, wrongParams } from "./socket-methods.ts";

export interface SocketServerInit {
  readonly path: string;
  readonly logger: Logger;
  /** What a client in this network may ask; resolves when that can be answered. Clients may connect before. */
  readonly api: (network: string | undefined) => Promise<ParleyApi>;
  /** The number of clients has changed. */
  readonly clientsChanged: (count: number) => void;
  /** The store is open here for a command alone, which ends soon. */
  readonly passing?: boolean;
}

export class SocketServer {
  readonly #init: SocketServerInit;
  readonly #server: Server;
  readonly #clients = new Set<Client>();

  private constructor(init: SocketServerInit) {
    this.#init = init;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Call only while holding the store: a socket file that is there is then known to be a dead node's. */
  static async listen(init: SocketServerInit): Promise<SocketServer> {
    const server = new SocketServer(init);
    if (process.platform !== "win32") rmSync(init.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", (cause) =>
        reject(
          new ParleyError("socket-failed", `The socket ${init.path} cannot be opened.`, { cause }),
        ),
      );
      // The folder is private already; the mode guards against one that is not.
      const before = process.umask(0o177);
      server.#server.listen(init.path, resolve);
      process.umask(before);
    });
    if (process.platform !== "win32") chmodSync(init.path, 0o600);
    server.#server.on("error", (error) => init.logger.warn("socket", { error: String(error) }));
    return server;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /**
   * Takes no more clients; resolves when those that are there have their answers.
   * @param handOver whether the clients are to go on without this process: it had the store open for a moment only
   */
  async close(handOver: boolean): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([...this.#clients].map((client) => client.finish(handOver)));
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#clients.size >= SOCKET_CLIENTS_MAX_COUNT) {
      const error = rpcErrorOf(
        new ParleyError("too-many-clients", "Too many programs talk to this node at once."),
      );
      sendMessage(socket, { jsonrpc: "2.0", id: null, error });
      socket.end();
      return;
    }
    const client = new Client(socket, this.#init);
    this.#clients.add(client);
    this.#init.clientsChanged(this.#clients.size);
    socket.on("error", (error) => this.#init.logger.debug("client", { error: String(error) }));
    socket.on("close", () => {
      client.closed();
      this.#clients.delete(client);
      this.#init.clientsChanged(this.#clients.size);
    });
  }
}

class Client {
  readonly #socket: Socket;
  readonly #init: SocketServerInit;
  #api: Promise<ParleyApi> | undefined;
  readonly #running = new Set<Promise<void>>();
  #unsubscribe: (() => void) | undefined;
  #finished = false;

  constructor(socket: Socket, init: SocketServerInit) {
    this.#socket = socket;
    this.#init = init;
    readLines(socket, (line) => this.#take(line));
  }

  closed(): void {
    this.#unsubscribe?.();
  }

  async finish(handOver: boolean): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    // Whatever comes after this line was not done, so the client may ask another node for it.
    this.#finished = true;
    sendMessage(this.#socket, { jsonrpc: "2.0", method: "closing", params: { handOver } });
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), 500);
    await new Promise<void>((resolve) =>
      this.#socket.destroyed ? resolve() : this.#socket.once("close", () => resolve()),
    );
    clearTimeout(timer);
  }

  #take(line: string): void {
    if (this.#finished) return;
    const request = parseLine(line);
    if (!request) return this.#refuse(null, PARSE_ERROR, "Not a JSON object.");
    const { id, method, params } = request;
    if (typeof id !== "number" || typeof method !== "string") {
      return this.#refuse(null, INVALID_REQUEST, "A request has a number as id and a method.");
    }
    if (this.#running.size >= SOCKET_REQUESTS_MAX_COUNT)
      return this.#refuse(id, INVALID_REQUEST, "Too many requests at once.");
    const work = this.#answer(id, method, params).finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    try {
      const api = await this.#apiFor(method, params);
      if (method === "subscribe" || method === "unsubscribe") {
        this.#unsubscribe?.();
        this.#unsubscribe =
          method === "subscribe" ? api.subscribe((event) => this.#event(event)) : undefined;
        return sendMessage(this.#socket, { jsonrpc: "2.0", id, result: {} });
      }
      if (!isMethod(method))
        return this.#refuse(id, METHOD_NOT_FOUND, `There is no method "${method}".`);
      const wrong = wrongParams(method, params);
      if (wrong !== undefined)
        return this.#refuse(id, INVALID_PARAMS, `Wrong parameters of ${method}: ${wrong}`);
      const call = api[method] as (params: unknown) => Promise<unknown>;
      const result = await call.call(api, params);
      const said = method === "hello" ? { ...(result as object), passing: this.#passing } : result;
      sendMessage(this.#socket, { jsonrpc: "2.0", id, result: said });
    } catch (error) {
      sendMessage(this.#socket, { jsonrpc: "2.0", id, error: rpcErrorOf(error) });
    }
  }

  get #passing(): boolean {
    return this.#init.passing === true;
  }

  /** The network of a session is said in its hello. */
  #apiFor(method: string, params: unknown): Promise<ParleyApi> {
    if (method === "hello" && wrongParams(method, params) === undefined) {
      const { network } = params as { network?: string };
      this.#api = this.#init.api(network);
    }
    this.#api ??= this.#init.api(undefined);
    return this.#api;
  }

  #event(event: AppEvent): void {
    // The end of the connection says it, with what comes after it.
    if (event.type === "closed") return;
    sendMessage(this.#socket, { jsonrpc: "2.0", method: "event", params: event });
  }

  #refuse(id: number | null, code: number, message: string): void {
    const error = { code, message, data: { code: "bad-request" } };
    sendMessage(this.#socket, { jsonrpc: "2.0", id, error });
  }
}
