/** The network of whoever has named no other. */
export const USUAL_NETWORK = "parley";
/** The room that everybody of a network is in at first. */
export const FIRST_ROOM = "lobby";
