import { describe, expect, it } from "vitest";
import type { RoomInfo, StatusInfo } from "../../../../src/app/api.ts";
import {
  checkNamed,
  checkNotices,
  checkReach,
  checkRoom,
} from "../../../../src/app/doctor/network-checks.ts";
import { Redactor } from "../../../../src/app/doctor/redact.ts";

const status = {
  networkState: "on",
  localOnly: false,
  addresses: ["/ip4/192.168.1.7/tcp/41733/p2p/12D3KooWx"],
  peers: [],
  notices: [],
  reach: { kind: "private", relays: [], serves: null },
} as unknown as StatusInfo;

const room: RoomInfo = {
  room: "#lobby",
  roomId: "",
  members: 3,
  here: 0,
  unread: 0,
  mentions: 0,
  pending: 2,
  messages: 9,
  floor: null,
  older: "none",
};

describe("doctor", () => {
  it("says who can reach this node, and what to do where nobody can", () => {
    expect(checkReach(status)).toMatchObject([
      { name: "reach", ok: null, hint: expect.stringContaining("Forward TCP 41733") },
    ]);
    const reach = { kind: "relayed", serves: { places: 2, placesMax: 2, circuits: 1 } } as const;
    const relays = [{ peerId: "12D", address: "/ip4/5.5.0.2/tcp/1", expiresMs: 0 }];
    const checks = checkReach({ ...status, reach: { ...reach, relays } });
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ["reach", true],
      ["relay", true],
      ["relay for others", false],
    ]);
    expect(checkReach({ ...status, reach: { ...reach, kind: "public", relays: [] } })[0]?.ok).toBe(
      true,
    );
  });

  it("names what does not answer, such as a relay that is gone", () => {
    const relay = "/ip4/5.5.0.2/tcp/41733/p2p/12D3KooWx";
    const unanswered = { count: 2, named: [relay] };
    const reach = { kind: "private", relays: [], serves: null, unanswered } as const;
    expect(checkNamed({ ...status, reach })).toMatchObject([
      { name: "no answer", ok: null, text: expect.stringContaining(relay) },
    ]);
    expect(checkNamed(status)).toEqual([]);
    // It does answer, but to another key.
    const notices = [{ code: "network-key-changed" }] as unknown as StatusInfo["notices"];
    expect(checkNamed({ ...status, reach, notices })).toEqual([]);
  });

  it("says that no member of a room can be dialled: a failure where one asked for this room", () => {
    expect(checkRoom(room, 0, true)).toMatchObject({
      ok: false,
      text: expect.stringContaining("no member of this room can be dialled: 2 known"),
      hint: expect.stringContaining("{/address}"),
    });
    expect(checkRoom(room, 0, false).ok).toBeNull();
    expect(checkRoom({ ...room, here: 2 }, 1, true)).toMatchObject({
      ok: true,
      text: expect.stringContaining("2 connected here, gossip goes to 1 of them"),
    });
    expect(checkRoom({ ...room, members: 1 }, 0, true).ok).toBeNull();
  });

  it("repeats what the network has said and still holds, such as a key that does not match", () => {
    const text = "Those who are known of this network have another outer key.";
    const notice = { level: "warn", code: "network-key-changed", text };
    expect(
      checkNotices({
        ...status,
        notices: [notice as never, { ...notice, level: "info" } as never],
      }),
    ).toEqual([{ name: "network-key-changed", ok: false, text }]);
  });
});

describe("a report", () => {
  it("names no address, key, peer, path or room, and tells the same thing by the same stand-in", () => {
    const peer = "12D3KooWRqRi9wd2beJ4Qs27QN5xikpVKtdmvmkqBFDGekPoWwuc";
    const secrets = [
      `/ip4/203.0.113.5/tcp/41733/p2p/${peer}`,
      "/dns4/chat.example.org/tcp/1",
      "192.168.1.7 and 10.1.2.3",
      "2001:db8:0:1:2:3:4:5",
      "#secret-plans",
      "4F2K-9QXT",
      "a".repeat(64),
      "in /srv/ana/parley",
    ].join("\n");
    const text = new Redactor().redact(`${secrets}\n${peer}`);
    for (const secret of ["203.0", peer, "example", "192.168", "10.1", "2001", "plans", "9QXT"])
      expect(text).not.toContain(secret);
    expect(text).not.toContain("aaaa");
    expect(text).not.toContain("/srv/ana");
    expect(text.split("<peer 1>")).toHaveLength(3);
    expect(text).toContain("/tcp/41733");
  });
});
