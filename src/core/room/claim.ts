/** Coming in by an invite: whoever has its seed signs for one identity (docs/spec/ranks.md, "Invites"). */
import { concat, utf8 } from "../codec/bytes.ts";
import type { Crypto, Signer } from "../crypto/port.ts";
import type { Claim, EntryRank } from "./control.ts";

const CLAIM_DOMAIN = utf8("parley/claim/1\0");
const SEED_INFO = utf8("parley/room-invite/1");
const NO_SALT = new Uint8Array(0);

/** What the open door of a public room says and gives: everybody may come in as a member. */
export const OPEN_CLAIM: Claim = { type: "claim", as: 2, rank: 1, invite: null };

/** The signer that whoever holds the seed of an invite (16 bytes) can make. */
export function inviteSigner(crypto: Crypto, seed: Uint8Array): Signer {
  return crypto.signer(crypto.hkdfSha256(seed, NO_SALT, SEED_INFO, 32));
}

/** A claim of `root`, signed by the invite's key. @param rank what the invite gives */
export function makeClaim(
  invite: Signer,
  roomId: Uint8Array,
  root: Uint8Array,
  rank: EntryRank,
): Claim {
  const signature = invite.sign(concat(CLAIM_DOMAIN, roomId, root));
  return { type: "claim", as: 2, rank, invite: { key: invite.publicKey, signature } };
}

/** Whether a claim of `root` is one that its invite's key has signed, or goes through the open door. */
export function isClaimSound(
  crypto: Crypto,
  roomId: Uint8Array,
  root: Uint8Array,
  { rank, invite }: Claim,
): boolean {
  if (invite === null) return rank === OPEN_CLAIM.rank;
  return crypto.verify(invite.key, concat(CLAIM_DOMAIN, roomId, root), invite.signature);
}
