import type { Connection } from "@libp2p/interface";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CONNECTIONS_ENOUGH_COUNT } from "../../../src/core/codec/limits.ts";
import { Dialler } from "../../../src/network/dialler.ts";
import { peerIdOf } from "../../../src/network/peer-id.ts";
import { nodeCrypto } from "../../../src/node/crypto.ts";

const silent = (): void => undefined;
let dialler: Dialler | undefined;
afterEach(() => {
  dialler?.stop();
  vi.useRealTimers();
});

function address(number: number): string {
  const device = nodeCrypto.signer(new Uint8Array(32).fill(number)).publicKey;
  return `/ip4/127.0.0.1/tcp/${4_000 + number}/p2p/${peerIdOf(device)}`;
}

/** A dialler with so many connections, and what it has dialled at its first look. */
function dials(
  connected: number,
  add: (dialler: Dialler) => void,
  nowMs = () => 1_000,
  said: (address: string) => void = silent,
): string[] {
  const dialled: string[] = [];
  const made = new Dialler({
    clock: { nowMs },
    // Of the jitter, the longest.
    random: { bytes: (length) => new Uint8Array(length).fill(255) },
    logger: { debug: silent, info: silent, warn: silent },
    ownPeerId: () => "nobody",
    isConnected: () => false,
    connected: () => connected,
    dial: (addresses) => {
      dialled.push(...addresses.map(String));
      addresses.forEach((each) => said(String(each)));
      return Promise.reject<Connection>(new Error("nobody there"));
    },
    mayDial: () => true,
  });
  dialler = made;
  add(made);
  made.start();
  return dialled;
}

describe("whom a node dials", () => {
  it("NETWORK-3 everybody it knows, while it has not enough connections", () => {
    const found = dials(CONNECTIONS_ENOUGH_COUNT - 3, (each) => {
      each.add(address(1));
      each.name(address(2));
    });
    expect(found).toEqual([address(1), address(2)]);
  });

  it("NETWORK-3 only whom a person has named, once it has; also when heard of first", () => {
    const found = dials(CONNECTIONS_ENOUGH_COUNT, (each) => {
      each.add(address(1));
      each.add(address(2), false);
      each.name(address(2));
      each.name(address(3));
    });
    expect(found).toEqual([address(2), address(3)]);
  });

  it("NETWORK-3 a named peer again and again for ten minutes after it was lost, then as rarely as others", async () => {
    vi.useFakeTimers({ now: 1_000 });
    const far = address(2).replace("127.0.0.1", "203.0.113.5");
    const atMs: number[] = [];
    dials(
      0,
      (each) => each.name(far),
      () => Date.now(),
      () => atMs.push(Date.now()),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    dialler?.lost(peerIdOf(nodeCrypto.signer(new Uint8Array(32).fill(2)).publicKey));
    const lostMs = Date.now();
    await vi.advanceTimersByTimeAsync(1_500_000);
    const gaps = atMs.slice(1).map((at, i) => ({ at, gapMs: at - (atMs[i] as number) }));
    const soon = gaps.filter(({ at }) => at > lostMs + 5_000 && at < lostMs + 590_000);
    expect(soon.length).toBeGreaterThan(90);
    expect(Math.max(...soon.map(({ gapMs }) => gapMs))).toBeLessThanOrEqual(6_500);
    expect(gaps.at(-1)?.gapMs).toBeGreaterThan(100_000);
  });
});
