/** What the other side hears of before its answer was taken in, where WebRTC begins here. */
import { networkInterfaces } from "node:os";
import { RTCPeerConnection } from "node-datachannel/polyfill";
import { expect, it } from "vitest";
import { holdCandidates } from "../../../src/network/held-candidates.ts";
import { needs } from "../../support/skips.ts";
import { until } from "../../support/transports.ts";

type Description = Parameters<RTCPeerConnection["setRemoteDescription"]>[0];

it("REACH-4 whoever begins WebRTC tells its addresses once the answer has been taken in, and the other at once", async (context) => {
  const lists = Object.values(networkInterfaces());
  needs(
    context,
    lists.some((list) => list?.some(({ internal }) => !internal)),
    "address",
  );
  holdCandidates();
  const [one, other] = [1, 2].map(() => new RTCPeerConnection()) as [
    RTCPeerConnection,
    RTCPeerConnection,
  ];
  const told: string[] = [];
  one.onicecandidate = () => told.push("one");
  other.onicecandidate = () => told.push("other");
  const gathered = new Promise<void>((resolve) => {
    one.addEventListener("icegatheringstatechange", () => {
      if (one.iceGatheringState === "complete") resolve();
    });
  });
  try {
    one.createDataChannel("init");
    const offer = await one.createOffer();
    await one.setLocalDescription(offer);
    await gathered;
    await other.setRemoteDescription(offer as Description);
    const answer = await other.createAnswer();
    await until("the other has told its own", () => told.includes("other"));
    expect(told).not.toContain("one");
    await one.setRemoteDescription(answer as Description);
    expect(told).toContain("one");
  } finally {
    one.close();
    other.close();
  }
});
