/** A relay for those that nobody can dial: circuit relay v2 with bounds under which a chat lasts (docs/adr/0140-relays.md). */
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import type { Connection } from "@libp2p/interface";
import {
  RELAY_CIRCUITS_MAX_COUNT,
  RELAY_CIRCUITS_PER_PEER_MAX_COUNT,
  RELAY_RESERVATION_TTL_MS,
} from "../core/codec/limits.ts";
import type { RelayLimits } from "./relay-limits.ts";

/** What a relay asks those it keeps a place for. */
const STOP_PROTOCOL = "/libp2p/circuit/relay/0.2.0/stop";

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

/** Circuits this relay carries now: each has one stream to the peer that is asked for. */
export function circuitsOf(connections: readonly Connection[]): number {
  return connections
    .flatMap(({ streams }) => streams)
    .filter(({ protocol }) => protocol === STOP_PROTOCOL).length;
}

/** Whether another circuit would be one too many. */
export function isRelayFull(connections: readonly Connection[]): boolean {
  return circuitsOf(connections) >= RELAY_CIRCUITS_MAX_COUNT;
}
