/** Why somebody is not let into a network, in sentences. */
import { ParleyError } from "../../core/codec/errors.ts";
import type { Refusal } from "../../core/network/join.ts";

/** @param network what the ticket calls the network */
export function refusalError(refusal: Refusal, network: string): ParleyError {
  const again = { hint: "Ask for a new one." };
  switch (refusal) {
    case "ticket-expired":
      return new ParleyError("ticket-expired", `That ticket to ${network} has expired.`, again);
    case "ticket-used":
      return new ParleyError("ticket-used", `That ticket to ${network} has been used up.`, again);
    case "ticket-revoked":
      return new ParleyError("ticket-revoked", `That ticket to ${network} was revoked.`, again);
    case "ticket-network":
      return new ParleyError("ticket-network", "That ticket is for another network.", {
        hint: "Whoever answers at its addresses is not in it any more. Ask for a new one.",
      });
    case "ticket-inviter":
      return new ParleyError(
        "ticket-inviter",
        "Whoever made that ticket is not known to be a member who may.",
        again,
      );
    case "not-a-member":
      return new ParleyError("not-a-member", `You are not a member of ${network}.`, {
        hint: "Ask a member for a ticket.",
      });
    case "member-removed":
      return new ParleyError("member-removed", `You were removed from ${network}.`, {
        hint: "No ticket brings you back: its owner and admins have decided so.",
      });
    case "join-busy":
      return new ParleyError("join-busy", "Too many people want to join at once.", {
        hint: "Try again.",
      });
  }
}
