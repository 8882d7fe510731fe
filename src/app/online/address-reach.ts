import type { AddressInfo } from "../api.ts";

/** Who can use each address, from its first part alone. */
export function reachOf(addresses: readonly string[]): AddressInfo[] {
  return addresses.map((address) => ({ address, reach: reach(address) }));
}

function reach(address: string): AddressInfo["reach"] {
  const [, family, host = ""] = address.split("/");
  if (family === "ip4") {
    if (host.startsWith("127.")) return "machine";
    const isPrivate =
      /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
    return isPrivate.test(host) ? "lan" : "internet";
  }
  if (family === "ip6") {
    if (host === "::1") return "machine";
    return /^(fe[89ab]|f[cd])/i.test(host) ? "lan" : "internet";
  }
  return "internet";
}
