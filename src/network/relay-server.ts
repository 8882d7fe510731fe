/** A relay for those that nobody can dial: circuit relay v2 with bounds under which a chat lasts (docs/adr/0140-relays.md). */
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import type { Connection } from "@libp2p/interface";
import {
  RELAY_CIRCUITS_MAX_COUNT,
  RELAY_CIRCUITS_PER_PEER_MAX_COUNT,
  RELAY_RESERVATION_TTL_MS,
} from "../core/codec/limits.ts";
import { circuitsOf, type RelayLimits } from "./relay-limits.ts";

export function relayServer(limits: RelayLimits) {
  return circuitRelayServer({
    maxInboundHopStreams: RELAY_CIRCUITS_PER_PEER_MAX_COUNT,
    maxOutboundStopStreams: RELAY_CIRCUITS_PER_PEER_MAX_COUNT,
    reservations: {
      maxReservations: limits.reservations,
      reservationTtl: RELAY_RESERVATION_TTL_MS,
      defaultDurationLimit: limits.circuitMs,
      defaultDataLimit: BigInt(limits.circuitBytes),
    },
  });
}

/** Whether another circuit would be one too many. */
export function isRelayFull(connections: readonly Connection[]): boolean {
  return circuitsOf(connections) >= RELAY_CIRCUITS_MAX_COUNT;
}
