/** Peer ids of device keys: libp2p's name for an Ed25519 key. */
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { PeerId } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";

/** The peer id of a device key, as libp2p writes it ("12D3Koo…"). */
export function peerIdOf(device: Uint8Array): string {
  return peerIdFromPublicKey(publicKeyFromRaw(device)).toString();
}

/** The device key of a peer; undefined for a peer whose key is of another type. */
export function deviceOf(peerId: PeerId): Uint8Array | undefined {
  return peerId.type === "Ed25519" ? Uint8Array.from(peerId.publicKey.raw) : undefined;
}
