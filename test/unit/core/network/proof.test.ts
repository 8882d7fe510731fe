import { describe, expect, it } from "vitest";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import {
  commonKey,
  equalInTime,
  proofAnswer,
  proofEnd,
  proofHello,
  proofKey,
  proofMac,
  readAnswer,
  readEnd,
  readHello,
} from "../../../../src/core/network/proof.ts";
import { rotationRecords, openRotation } from "../../../../src/core/network/rotation.ts";
import { openSealed, sealTo } from "../../../../src/core/network/seal-to.ts";
import { liveSecrets, networkLog, newestFirst } from "../../../../src/core/network/secret.ts";
import { decodeSwarmKey, encodeSwarmKey } from "../../../../src/core/network/swarm-key.ts";
import { openRoom } from "../../../../src/core/room/open-room.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { Founded, Person } from "../../../support/private-network.ts";

const bytes = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value);
const network = bytes(1);
const keys = [2, 3].map((value) => proofKey(nodeCrypto, network, bytes(value)));
const ends = { dialler: bytes(10), listener: bytes(11) };

describe("the proof of a secret", () => {
  it("PRIVATE-5 is bound to the key, the role, both nonces and both ends", () => {
    const nonces = { dialler: bytes(4), listener: bytes(5) };
    const mac = proofMac(nodeCrypto, keys[0] as Uint8Array, "dialler", ends, nonces);
    const others = [
      proofMac(nodeCrypto, keys[1] as Uint8Array, "dialler", ends, nonces),
      proofMac(nodeCrypto, keys[0] as Uint8Array, "listener", ends, nonces),
      proofMac(
        nodeCrypto,
        keys[0] as Uint8Array,
        "dialler",
        { ...ends, dialler: bytes(9) },
        nonces,
      ),
      proofMac(
        nodeCrypto,
        keys[0] as Uint8Array,
        "dialler",
        { ...ends, listener: bytes(9) },
        nonces,
      ),
      proofMac(nodeCrypto, keys[0] as Uint8Array, "dialler", ends, {
        ...nonces,
        dialler: bytes(9),
      }),
      proofMac(nodeCrypto, keys[0] as Uint8Array, "dialler", ends, {
        ...nonces,
        listener: bytes(9),
      }),
    ];
    for (const other of others) expect(equalInTime(mac, other)).toBe(false);
    expect(equalInTime(mac, mac.slice())).toBe(true);
    expect(equalInTime(mac, mac.subarray(1))).toBe(false);
  });

  it("PRIVATE-5 finds the newest secret that both have, and its frames are read strictly", () => {
    const hello = readHello(proofHello(nodeCrypto, keys, ends, bytes(4)));
    expect(commonKey(nodeCrypto, keys, ends, hello)).toMatchObject({ own: 0, theirs: 0 });
    expect(commonKey(nodeCrypto, keys.slice(1), ends, hello)).toMatchObject({ own: 0, theirs: 1 });
    expect(commonKey(nodeCrypto, [bytes(7)], ends, hello)).toBeUndefined();
    const answer = { theirs: 1, nonce: bytes(5), mac: bytes(6) };
    expect(readAnswer(proofAnswer(answer))).toEqual(answer);
    expect(readAnswer(proofAnswer(null))).toBeNull();
    expect(readEnd(proofEnd(bytes(6)))).toEqual(bytes(6));
    for (const read of [readHello, readAnswer, readEnd]) {
      expect(() => read(encodeCbor([2, null]))).toThrow(
        expect.objectContaining({ code: "proof-newer" }),
      );
      for (const odd of [
        bytes(0, 0),
        encodeCbor([1]),
        encodeCbor([1, bytes(1, 31)]),
        encodeCbor([0, bytes(1)]),
      ])
        expect(() => read(odd)).toThrow(expect.objectContaining({ code: "bad-proof" }));
    }
  });

  it("PRIVATE-8 a secret that is closed is not live, and of two with one number all choose the same", () => {
    const secret = (generation: number, value: number, closesMs: number | null) => ({
      generation,
      secret: bytes(value),
      closesMs,
    });
    const all = [secret(1, 9, 100), secret(2, 8, null), secret(2, 7, null)];
    expect(newestFirst(all).map((it) => it.secret[0])).toEqual([7, 8, 9]);
    expect(newestFirst([...all].reverse())).toEqual(newestFirst(all));
    expect(liveSecrets(all, 99)).toHaveLength(3);
    expect(liveSecrets(all, 100)).toHaveLength(2);
  });
});

describe("keys of a private network", () => {
  it("PRIVATE-2 a new secret changes topics and envelopes, and no room", () => {
    const [before, after] = [5, 6].map((value) =>
      openRoom(nodeCrypto, network, "lobby", bytes(value)),
    );
    expect(after?.roomId).toEqual(before?.roomId);
    expect(after?.topic).not.toBe(before?.topic);
    expect(after?.keyId).not.toEqual(before?.keyId);
    expect(openRoom(nodeCrypto, network, "lobby").roomId).toEqual(before?.roomId);
    expect(networkLog(nodeCrypto, network).roomId).not.toEqual(before?.roomId);
  });

  it("PRIVATE-12 what is sealed to a device opens there alone", () => {
    const [ana, bob] = [new Person(1), new Person(2)];
    const sealed = sealTo(ana.device.certificate.x25519, bytes(3), bytes(4));
    expect(openSealed(ana.x25519Secret, sealed)).toEqual(bytes(3));
    expect(openSealed(bob.x25519Secret, sealed)).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(openSealed(ana.x25519Secret, changed), `byte ${at}`).toBeUndefined();
    }
    expect(openSealed(ana.x25519Secret, sealed.subarray(0, 40))).toBeUndefined();
    expect(() => sealTo(bytes(0), bytes(3), bytes(4))).toThrow(
      expect.objectContaining({ code: "bad-public-key" }),
    );
  });

  it("PRIVATE-18 a rotation reaches every device it is for, and commits to one secret", () => {
    const { id } = new Founded(new Person(1));
    const people = Array.from({ length: 201 }, (_, i) => new Person(i + 1));
    let fresh = 0;
    const ports = { crypto: nodeCrypto, random: { bytes: (n: number) => bytes(++fresh % 251, n) } };
    const outer = { key: bytes(8), fromMs: 50 };
    const rotation = { generation: 2, secret: bytes(6), closesMs: 40, outer, removed: [] };
    const devices = people.map(({ device }) => device.certificate);
    const records = rotationRecords(ports, id, rotation, devices);
    expect(records.map(({ boxes }) => boxes.length)).toEqual([200, 1]);
    expect(records[0]?.commitment).toEqual(records[1]?.commitment);
    const own = (person: Person) => ({
      device: person.signer.publicKey,
      x25519Secret: person.x25519Secret,
    });
    const last = people.at(-1) as Person;
    expect(openRotation(nodeCrypto, id, records[1] as never, own(last))).toEqual({
      secret: { generation: 2, secret: bytes(6), closesMs: null },
      outerKey: bytes(8),
    });
    expect(openRotation(nodeCrypto, id, records[0] as never, own(last))).toBeUndefined();
    const lying = { ...(records[1] as NonNullable<(typeof records)[0]>), commitment: bytes(1) };
    expect(openRotation(nodeCrypto, id, lying, own(last))).toBeUndefined();
  });
});

describe("swarm.key", () => {
  it("is read as other programs write it", () => {
    const key = bytes(0xab);
    const text = encodeSwarmKey(key);
    expect(text).toBe(`/key/swarm/psk/1.0.0/\n/base16/\n${"ab".repeat(32)}\n`);
    expect(decodeSwarmKey(text)).toEqual(key);
    expect(
      decodeSwarmKey(
        text.toUpperCase().replace(/^.*\n.*\n/, "/key/swarm/psk/1.0.0/\r\n/base16/\r\n"),
      ),
    ).toEqual(key);
    for (const odd of [
      "",
      text.slice(1),
      text.replace("base16", "base64"),
      `${text}00`,
      text.slice(0, -3),
    ])
      expect(() => decodeSwarmKey(odd)).toThrow(expect.objectContaining({ code: "bad-swarm-key" }));
  });
});
