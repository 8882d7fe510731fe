import { describe, expect, it } from "vitest";
import { answerOf } from "../../../src/network/stun-server.ts";

/** RFC 5769, 2.2: the header of the sample request, and the mapped address of its IPv4 response. */
const transaction = Buffer.from("b7e7a701bc34d686fa87dfae", "hex");
const request = Buffer.concat([Buffer.from("000100002112a442", "hex"), transaction]);
const mapped = Buffer.from("002000080001a147e112a643", "hex");

describe("STUN", () => {
  it("REACH-5 answers a Binding request with the address it came from, as the RFC's sample has it", () => {
    const answer = answerOf(request, "192.0.2.1", 32_853);
    const head = Buffer.concat([Buffer.from("0101000c2112a442", "hex"), transaction]);
    expect(answer?.toString("hex")).toBe(Buffer.concat([head, mapped]).toString("hex"));
  });

  it("is silent to everything else", () => {
    const wrong = [
      Buffer.alloc(0),
      Buffer.alloc(20),
      request.subarray(0, 19),
      Buffer.concat([request, Buffer.alloc(4)]),
      Buffer.concat([Buffer.from("0101", "hex"), request.subarray(2)]),
    ];
    for (const message of wrong) expect(answerOf(message, "192.0.2.1", 1)).toBeUndefined();
    expect(answerOf(request, "2001:db8::1", 1)).toBeUndefined();
  });
});
