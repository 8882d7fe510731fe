/** Health and figures of a node over HTTP, on loopback alone: for whoever watches it, on the same machine. */
import { createServer, type Server } from "node:http";
import type { ParleyApi, StatusInfo } from "../app/api.ts";
import { ParleyError } from "../core/codec/errors.ts";

export interface MetricsInit {
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly api: ParleyApi;
  /** Writes to the store. Rejects where it cannot be written. */
  readonly probeStore: () => Promise<void>;
}

export class MetricsServer {
  readonly #init: MetricsInit;
  readonly #server: Server;

  private constructor(init: MetricsInit) {
    this.#init = init;
    this.#server = createServer((request, response) => {
      this.#answer(request.method ?? "", request.url ?? "").then(
        ({ status, type, body }) => {
          response.writeHead(status, { "content-type": type, connection: "close" }).end(body);
        },
        (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
      );
    });
    this.#server.requestTimeout = 5_000;
    this.#server.maxConnections = 16;
  }

  /** @throws ParleyError `metrics-port` */
  static async listen(init: MetricsInit): Promise<MetricsServer> {
    const server = new MetricsServer(init);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", (cause) => {
        reject(
          new ParleyError("metrics-port", `The port ${init.port} for metrics cannot be used.`, {
            hint: "Another program may have it; {parley node --metrics-port 0} takes a free one.",
            cause,
          }),
        );
      });
      server.#server.listen(init.port, "127.0.0.1", resolve);
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : this.#init.port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(
    method: string,
    path: string,
  ): Promise<{ status: number; type: string; body: string }> {
    const text = "text/plain; charset=utf-8";
    if (method !== "GET") return { status: 405, type: text, body: "GET only\n" };
    if (path === "/healthz") return { status: 200, type: text, body: "ok\n" };
    if (path === "/readyz") {
      const missing = await this.#missing();
      return missing.length === 0
        ? { status: 200, type: text, body: "ready\n" }
        : { status: 503, type: text, body: `${missing.join("\n")}\n` };
    }
    if (path === "/metrics") {
      const body = metricsOf(await this.#init.api.status());
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body };
    }
    return { status: 404, type: text, body: "/healthz /readyz /metrics\n" };
  }

  /** What a node that is ready would have. */
  async #missing(): Promise<string[]> {
    const missing: string[] = [];
    const { networkState, addresses } = await this.#init.api.status();
    if (networkState !== "on") missing.push(`the network is ${networkState}`);
    if (addresses.length === 0) missing.push("no address is announced");
    await this.#init.probeStore().catch(() => missing.push("the store cannot be written"));
    return missing;
  }
}

/** The figures in the text format of Prometheus. Nothing in them names a person, a peer or a room. */
export function metricsOf(status: StatusInfo): string {
  const peers = { machine: 0, lan: 0, direct: 0, relayed: 0 };
  for (const { how } of status.peers) peers[how]++;
  const { rss, heapUsed } = process.memoryUsage();
  const serves = status.reach?.serves;
  const sum = (of: (room: StatusInfo["rooms"][number]) => number): number =>
    status.rooms.reduce((total, room) => total + of(room), 0);
  return [
    ...gauge("parley_up_seconds", "Since the node was started", status.uptimeMs / 1_000),
    ...gauge("parley_resident_bytes", "Memory of the process", rss),
    ...gauge("parley_heap_used_bytes", "Memory in use by the program", heapUsed),
    ...counter("parley_cpu_seconds_total", "Processor time", process.cpuUsage().user / 1e6),
    "# HELP parley_peers Connected peers by how they are reached",
    "# TYPE parley_peers gauge",
    ...Object.entries(peers).map(([how, count]) => `parley_peers{how="${how}"} ${count}`),
    ...gauge("parley_addresses", "Addresses told to others", status.addresses.length),
    ...gauge("parley_relays_used", "Relays that keep a place", status.reach?.relays.length ?? 0),
    ...gauge("parley_rooms", "Rooms joined", status.rooms.length),
    ...gauge(
      "parley_messages",
      "Events stored",
      sum(({ messages }) => messages),
    ),
    ...gauge(
      "parley_pending",
      "Own messages nobody else is known to hold",
      sum((it) => it.pending),
    ),
    ...(serves
      ? [
          ...gauge("parley_relay_places", "Peers this relay keeps a place for", serves.places),
          ...gauge("parley_relay_circuits", "Circuits it carries now", serves.circuits),
        ]
      : []),
    "",
  ].join("\n");
}

function gauge(name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`];
}

function counter(name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, `${name} ${value}`];
}
