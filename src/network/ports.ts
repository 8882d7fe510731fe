/** Ports that are taken are found before libp2p trips over them. */
import { createServer } from "node:net";
import { multiaddr } from "@multiformats/multiaddr";
import type { TransportNotice } from "../core/interfaces.ts";

/** The addresses to listen on, with a free port where the chosen one is taken, and what to say about it. */
export async function freeListenAddresses(
  listen: readonly string[],
): Promise<{ listen: string[]; notices: TransportNotice[] }> {
  const notices: TransportNotice[] = [];
  const free = await Promise.all(
    listen.map(async (text) => {
      const [host, tcp] = multiaddr(text).getComponents();
      const port = Number(tcp?.value);
      if (tcp?.name !== "tcp" || port === 0 || !(await isTaken(host?.value ?? "", port)))
        return text;
      notices.push({
        level: "warn",
        code: "port-taken",
        text: `Port ${port} is in use by another program, so parley listens on another one until it is started again.`,
        hint: "Addresses you gave to friends do not work meanwhile; {/address} prints the new one.",
      });
      return text.replace(`/tcp/${port}`, "/tcp/0");
    }),
  );
  return { listen: free, notices };
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error && error.code === "EADDRINUSE"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}
