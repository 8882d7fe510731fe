/** The network of whoever has named no other. */
export const USUAL_NETWORK = "parley";
