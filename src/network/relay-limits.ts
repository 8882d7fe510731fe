/** The bounds of a relay, apart from what it is made of: every node knows them, a relay alone loads the rest. */
import type { Connection } from "@libp2p/interface";
import {
  RELAY_CIRCUIT_MAX_BYTES,
  RELAY_CIRCUIT_MAX_MS,
  RELAY_RESERVATIONS_MAX_COUNT,
} from "../core/codec/limits.ts";

/** The bounds of one relay. Tests make them smaller. */
export interface RelayLimits {
  readonly reservations: number;
  readonly circuitMs: number;
  readonly circuitBytes: number;
}

export const RELAY_LIMITS: RelayLimits = {
  reservations: RELAY_RESERVATIONS_MAX_COUNT,
  circuitMs: RELAY_CIRCUIT_MAX_MS,
  circuitBytes: RELAY_CIRCUIT_MAX_BYTES,
};

/** What a relay asks those it keeps a place for. */
const STOP_PROTOCOL = "/libp2p/circuit/relay/0.2.0/stop";

/** Circuits this relay carries now: each has one stream to the peer that is asked for. */
export function circuitsOf(connections: readonly Connection[]): number {
  return connections
    .flatMap(({ streams }) => streams)
    .filter(({ protocol }) => protocol === STOP_PROTOCOL).length;
}
