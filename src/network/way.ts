/** How a connection runs. A WebRTC address says only through whom it began; its candidates say where the peer is. */
import type { Connection } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import type { How } from "../core/interfaces.ts";
import { howOf } from "./addresses.ts";

/** What the type of a connection hides. */
interface Inside {
  readonly maConn?: {
    readonly peerConnection?: {
      selectedCandidatePair?(): { readonly remote: { readonly address: string } } | null;
    };
  };
}

export function wayOf(connection: Connection): How {
  const peerConnection = (connection as unknown as Inside).maConn?.peerConnection;
  const host = peerConnection?.selectedCandidatePair?.()?.remote.address;
  if (host === undefined) return howOf(connection.remoteAddr);
  return howOf(multiaddr(`/${host.includes(":") ? "ip6" : "ip4"}/${host}/udp/1`));
}
