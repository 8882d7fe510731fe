/** Ports that are taken are found before libp2p trips over them. */
import { createServer } from "node:net";
import { multiaddr } from "@multiformats/multiaddr";
import { ParleyError } from "../core/codec/errors.ts";
import type { TransportNotice } from "../core/interfaces.ts";

/** The addresses to listen on, with a free port where the chosen one is taken, and what to say about it. @throws ParleyError `bad-address` */
export async function freeListenAddresses(
  listen: readonly string[],
): Promise<{ listen: string[]; notices: TransportNotice[] }> {
  const notices: TransportNotice[] = [];
  const free = await Promise.all(
    listen.map(async (text) => {
      const [host, tcp] = multiaddr(text).getComponents();
      const port = Number(tcp?.value);
      if (tcp?.name !== "tcp") return text;
      const failure = await failureOf(host?.value ?? "", port);
      if (failure === "EADDRNOTAVAIL")
        throw new ParleyError(
          "bad-address",
          `This computer has no address ${host?.value}, so parley cannot listen on ${text}.`,
          {
            hint: "/ip4/0.0.0.0 in its place is every address it has.",
          },
        );
      if (failure === "EACCES")
        throw new ParleyError(
          "bad-address",
          `You may not listen on port ${port}, so parley cannot listen on ${text}.`,
          {
            hint: "Take a port above 1023.",
          },
        );
      if (failure !== "EADDRINUSE" || port === 0) return text;
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

/** Why nobody can listen there, as Node calls it. */
function failureOf(host: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? error.code : undefined));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
