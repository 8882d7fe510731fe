/** The bounds of a relay, apart from what it is made of: every node knows them, a relay alone loads the rest. */
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
