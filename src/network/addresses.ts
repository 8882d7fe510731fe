/** Multiaddrs as people and the dialler need them. */
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { ParleyError } from "../core/codec/errors.ts";
import { ADDRESS_MAX_BYTES } from "../core/codec/limits.ts";
import type { How } from "../core/interfaces.ts";

export const NOT_SPOKEN =
  "parley speaks TCP and WebSocket: over QUIC, WebTransport and WebRTC-direct the outer key of a private network keeps nobody out.";

/** @throws ParleyError `bad-address` */
export function parseAddress(text: string): Multiaddr {
  const trimmed = text.trim();
  try {
    if (trimmed.length > ADDRESS_MAX_BYTES) throw new Error("too long");
    const address = multiaddr(trimmed);
    if (!isDialable(address)) throw new Error("no TCP or WebSocket port in it");
    return address;
  } catch (cause) {
    throw new ParleyError(
      "bad-address",
      `"${trimmed.slice(0, 80)}" is not an address that can be dialled.`,
      {
        hint: /\/(quic|webtransport|webrtc-direct)/.test(trimmed)
          ? NOT_SPOKEN
          : "One looks like /ip4/192.168.1.7/tcp/41733/p2p/12D3Koo…; {/address} prints yours.",
        cause,
      },
    );
  }
}

/** Whether it names a host and a TCP port, or a relay, that this transport speaks. WebRTC is begun over a relayed connection alone. */
export function isDialable(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name);
  if (names.includes("webrtc")) return false;
  const [first] = names;
  const isHost =
    first === "ip4" || first === "ip6" || first === "dns" || first === "dns4" || first === "dns6";
  return (isHost && names[1] === "tcp" && !names.includes("quic-v1")) || first === "dnsaddr";
}

/**
 * Whether the outer fence stands in the way of this address: it is built for TCP and WebSocket; what runs over UDP or by
 * WebTransport would pass beside it. A relayed address leads through connections that are fenced.
 */
export function passesOuterFence(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name);
  return !names.some((name) => BESIDE.has(name));
}

const BESIDE: ReadonlySet<string> = new Set(["webrtc-direct", "quic", "quic-v1", "webtransport"]);

/** The peer id an address names at its end, if it does. */
export function peerIdIn(address: Multiaddr): string | undefined {
  const last = address.getComponents().at(-1);
  return last?.name === "p2p" ? last.value : undefined;
}

/** The address as text, with the peer's id at its end. */
export function withPeer(address: Multiaddr, peerId: { toString(): string }): string {
  const text = address.toString();
  return peerIdIn(address) === undefined ? `${text}/p2p/${peerId.toString()}` : text;
}

/** Whether it leads through a relay. A WebRTC address names one too: there it carried the first words only. */
export function isRelayed(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name);
  return names.includes("p2p-circuit") && !names.includes("webrtc");
}

/** How a peer at this address is reached. */
export function howOf(address: Multiaddr): How {
  const components = address.getComponents();
  if (isRelayed(address)) return "relayed";
  if (components.some(({ name }) => name === "webrtc")) return "direct";
  return reachOf(address);
}

/** From where the host an address begins with can be dialled: this machine, this LAN, or anywhere. */
function reachOf(address: Multiaddr): Exclude<How, "relayed"> {
  const [{ name, value: host = "" } = { name: "" }] = address.getComponents();
  if (isLoopback(address)) return "machine";
  if (name === "ip4") return isPrivate4(host) ? "lan" : "direct";
  if (name === "ip6") return /^(fe[89ab]|f[cd])/i.test(host) ? "lan" : "direct";
  return "direct";
}

/** Whether the host it begins with lies on the internet by its number. */
export function isPublic(address: Multiaddr): boolean {
  const [{ name } = { name: "" }] = address.getComponents();
  return (name === "ip4" || name === "ip6") && reachOf(address) === "direct";
}

export function isLoopback(address: Multiaddr): boolean {
  const { name, value = "" } = address.getComponents()[0] ?? {};
  if (name === "ip4") return value.startsWith("127.");
  if (name === "ip6") return value === "::1";
  return value === "localhost";
}

const ORDER: readonly How[] = ["direct", "lan", "machine"];

/** Best first: reachable by the most people, then without a relay, then TCP before WebSocket. */
export function bestFirst(addresses: readonly Multiaddr[]): Multiaddr[] {
  const weight = (address: Multiaddr): number =>
    ORDER.indexOf(reachOf(address)) * 4 +
    (isRelayed(address) ? 2 : 0) +
    (address.toString().includes("/ws") ? 1 : 0);
  return [...addresses].sort((a, b) => weight(a) - weight(b));
}

/** "192.168.1.7:41733", for a sentence. */
export function hostAndPort(address: Multiaddr): string {
  const [host, port] = address.getComponents();
  return host?.name === "ip6"
    ? `[${host.value}]:${port?.value}`
    : `${host?.value}:${port?.value ?? "?"}`;
}

/** A listen address on loopback only. */
export function onLoopback(listen: string): string {
  return listen.replace(/^\/ip4\/[^/]+/, "/ip4/127.0.0.1").replace(/^\/ip6\/[^/]+/, "/ip6/::1");
}

function isPrivate4(host: string): boolean {
  return /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(
    host,
  );
}
