import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex, utf8 } from "../../../../src/core/codec/bytes.ts";
import { encodeCbor } from "../../../../src/core/codec/cbor.ts";
import { SEALED_BUCKET_MAX_BYTES } from "../../../../src/core/codec/limits.ts";
import { nobleCrypto } from "../../../../src/core/crypto/noble.ts";
import { sealBox } from "../../../../src/core/crypto/seal.ts";
import { x25519PublicKey } from "../../../../src/core/crypto/x25519.ts";
import { encodeText } from "../../../../src/core/log/content.ts";
import {
  encodeControl,
  type Epoch,
  KIND_DEVICE,
  KIND_EPOCH,
  KIND_RETIRE,
  readControl,
} from "../../../../src/core/room/control.ts";
import {
  commits,
  type EpochParts,
  makeEpoch,
  openBack,
  openOuter,
  openWraps,
} from "../../../../src/core/room/epoch.ts";
import { bucketOf, openSaid, readSealed, sealSaid } from "../../../../src/core/room/sealing.ts";
import { nodeCrypto } from "../../../../src/node/crypto.ts";
import { key } from "../../../support/control.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { readVectors } from "../../../support/vectors.ts";

/** test/vectors/private-rooms.json, in hex. */
interface Vector {
  readonly roomId: string;
  readonly author: { readonly root: string; readonly device: string };
  readonly secretKeys: readonly string[];
  readonly publicKeys: readonly string[];
  readonly outer: string;
  readonly back: { readonly id: string; readonly secret: string };
  readonly epoch: { readonly id: string; readonly secret: string; readonly content: string };
  readonly message: {
    readonly seq: number;
    readonly kind: number;
    readonly text: string;
    readonly content: string;
  };
}

const roomId = key("room");
const place = { roomId, root: key("root"), device: key("device"), seq: 7 };
const epoch = { id: key("epoch"), secret: key("secret") };
const nonce = new Uint8Array(24).fill(3);

describe("messages", () => {
  it("SEALED-10 a message opens with its secret at its place alone, and shows its length by a bucket", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff }),
        fc.uint8Array({ maxLength: 2_000 }),
        (kind, content) => {
          const wire = sealSaid(nodeCrypto, place, epoch, nonce, { kind, content });
          const read = readSealed(wire);
          if (!read) throw new Error("unreadable");
          expect(openSaid(nobleCrypto, place, read, epoch.secret)).toEqual({ kind, content });
          const bucket = read.box.length - 16;
          expect(bucket).toBe(bucketOf(6 + content.length));
          for (const other of [
            { ...place, seq: 8 },
            { ...place, device: key("another") },
            { ...place, root: key("another") },
            { ...place, roomId: key("another") },
          ])
            expect(openSaid(nodeCrypto, other, read, epoch.secret)).toBeUndefined();
          expect(openSaid(nodeCrypto, place, read, key("another"))).toBeUndefined();
        },
      ),
      { numRuns: 50 },
    );
  });

  it("SEALED-10 the longest text fits, and what is longer is refused", () => {
    const most = SEALED_BUCKET_MAX_BYTES - 6;
    const say = (length: number): Uint8Array =>
      sealSaid(nodeCrypto, place, epoch, nonce, { kind: 2, content: new Uint8Array(length) });
    expect(readSealed(say(16 * 1024 + 8))?.box.length).toBe(17 * 1024 + 16);
    expect(readSealed(say(most))?.box.length).toBe(SEALED_BUCKET_MAX_BYTES + 16);
    expect(say(most).length).toBeLessThan(32 * 1024);
    expect(() => say(most + 1)).toThrow("too long");
  });

  it("SEALED-10 up to 256 bytes all look alike; above, a few sizes are told apart, and padding adds an eighth at most", () => {
    expect([0, 6, 255, 256].map(bucketOf)).toEqual([256, 256, 256, 256]);
    expect([257, 262, 272, 273, 512, 513, 1_000, 1_025].map(bucketOf)).toEqual([
      272, 272, 272, 288, 512, 544, 1_024, 1_088,
    ]);
    const sizes = new Set<number>();
    for (let length = 257; length <= SEALED_BUCKET_MAX_BYTES; length++) {
      const bucket = bucketOf(length);
      expect(bucket).toBeGreaterThanOrEqual(length);
      expect(bucket).toBeLessThanOrEqual(Math.min(length * 1.125, SEALED_BUCKET_MAX_BYTES));
      sizes.add(bucket);
    }
    expect(sizes.size).toBe(104);
  });

  it("SEALED-10 what was padded to a power of two opens as well", () => {
    const content = utf8("x".repeat(256));
    const plain = concat(Uint8Array.of(0, 2, 0, 0, 1, 0), content, new Uint8Array(250));
    const name = epoch.id.slice(0, 16);
    const header = concat(
      utf8("parley/sealed/1\0"),
      encodeCbor([name, place.root, place.device, place.seq]),
    );
    const key = nodeCrypto.hkdfSha256(epoch.secret, roomId, nodeCrypto.sha256(header), 32);
    const box = sealBox(key, nonce, plain);
    expect(plain.length).toBe(512);
    expect(openSaid(nodeCrypto, place, { epoch: name, nonce, box }, epoch.secret)).toEqual({
      kind: 2,
      content,
    });
  });

  it("SEALED-10 every byte that is changed leaves it shut, and what is no sealed content opens nothing", () => {
    const wire = sealSaid(nodeCrypto, place, epoch, nonce, { kind: 2, content: utf8("hello") });
    for (let at = 0; at < wire.length; at++) {
      const changed = wire.slice();
      changed[at] = (changed[at] as number) ^ 1;
      const read = readSealed(changed);
      const opened = read && openSaid(nodeCrypto, place, read, epoch.secret);
      expect(opened).toBeUndefined();
    }
    for (const odd of [new Uint8Array(0), Uint8Array.of(0x80), utf8("text")])
      expect(readSealed(odd)).toBeUndefined();
  });
});

describe("epochs", () => {
  const random = new SeededRandom(1);
  const secrets = Array.from({ length: 3 }, () => random.bytes(32));
  const census = {
    devices: secrets.map((secret, i) => ({
      root: key(`root ${i}`),
      device: key(`device ${i}`),
      key: x25519PublicKey(secret),
    })),
    out: new Set<string>(),
    hash: key("census"),
  };
  const parts: EpochParts = {
    roomId,
    census,
    device: key("maker"),
    outer: key("outer"),
    back: [{ id: key("before"), secret: key("secret before") }],
  };
  const made = makeEpoch(nodeCrypto, (length) => random.bytes(length), parts);
  const [control] = made.controls as [Epoch];

  it("SEALED-5 each device opens its wrap, on every platform; nobody else one", () => {
    for (const crypto of [nodeCrypto, nobleCrypto]) {
      for (const secret of secrets) {
        const found = openWraps(crypto, control, secret, x25519PublicKey(secret));
        expect(found).toEqual(made.secret);
      }
      const stranger = key("stranger");
      expect(openWraps(crypto, control, stranger, x25519PublicKey(stranger))).toBeUndefined();
    }
    expect(openOuter(nodeCrypto, roomId, control, made.secret)).toEqual(key("outer"));
    expect(openBack(nodeCrypto, roomId, control, made.secret)).toEqual(parts.back);
    expect(openOuter(nodeCrypto, roomId, control, key("wrong"))).toBeUndefined();
    expect(openBack(nodeCrypto, roomId, control, key("wrong"))).toEqual([]);
  });

  it("SEALED-5 a key of small order gets a wrap that opens nothing, and keeps nobody else from theirs", () => {
    const low = { ...census.devices[0], key: new Uint8Array(32) } as (typeof census.devices)[0];
    const devices = [low, ...census.devices];
    const other = makeEpoch(nodeCrypto, (length) => random.bytes(length), {
      ...parts,
      census: { ...census, devices },
    });
    const [first] = other.controls as [Epoch];
    expect(
      openWraps(nodeCrypto, first, secrets[0] as Uint8Array, (census.devices[0] as typeof low).key),
    ).toEqual(other.secret);
    expect(nodeCrypto.x25519(key("any"), new Uint8Array(32))).toBeUndefined();
    expect(nobleCrypto.x25519(key("any"), new Uint8Array(32))).toBeUndefined();
  });

  it("SEALED-4 the id commits to room, device, census, ephemeral key and secret", () => {
    const holds = (
      room: Uint8Array,
      device: Uint8Array,
      changed: Partial<Epoch>,
      secret = made.secret,
    ): boolean => commits(nodeCrypto, room, device, { ...control, ...changed }, secret);
    expect(holds(roomId, key("maker"), {})).toBe(true);
    expect(holds(key("another"), key("maker"), {})).toBe(false);
    expect(holds(roomId, key("another"), {})).toBe(false);
    expect(holds(roomId, key("maker"), { census: key("another") })).toBe(false);
    expect(holds(roomId, key("maker"), { ephemeral: key("another") })).toBe(false);
    expect(holds(roomId, key("maker"), {}, key("another"))).toBe(false);
  });

  it("SEALED-2 the three kinds read as they were written, and nothing else does", () => {
    for (const [kind, each] of [
      [KIND_DEVICE, { type: "device", as: 0, key: key("k") }],
      [KIND_RETIRE, { type: "retire", as: 0, device: key("d") }],
      [KIND_EPOCH, control],
    ] as const) {
      const wire = encodeControl(each);
      expect(readControl(kind, wire)).toEqual(each);
      for (let cut = 0; cut < wire.length; cut++)
        expect(readControl(kind, wire.slice(0, cut))).toBeUndefined();
    }
    const broken: Partial<Record<keyof Epoch, unknown>>[] = [
      { id: key("x").slice(1) },
      { outer: new Uint8Array(47) },
      { wraps: new Uint8Array(47) },
      { wraps: new Uint8Array(0) },
      { wraps: new Uint8Array(48 * 513) },
      { first: 4_096 },
      { back: Array.from({ length: 9 }, () => control.back[0]) },
    ];
    for (const part of broken)
      expect(
        readControl(KIND_EPOCH, encodeControl({ ...control, ...part } as Epoch)),
      ).toBeUndefined();
  });

  it("SEALED-5 a thousand devices take two events; 500 take one of less than 60 kB", () => {
    const keys = Array.from({ length: 10 }, (_, i) => x25519PublicKey(key(`x ${i}`)));
    const crowd = (count: number): readonly Epoch[] => {
      const devices = Array.from({ length: count }, (_, i) => ({
        root: key(`root ${i}`),
        device: key(`device ${i}`),
        key: keys[i % 10] as Uint8Array,
      }));
      const back = Array.from({ length: 8 }, () => ({ id: key("b"), secret: key("s") }));
      return makeEpoch(nodeCrypto, (length) => random.bytes(length), {
        ...parts,
        back,
        census: { ...census, devices },
      }).controls;
    };
    const thousand = crowd(1_000);
    expect(thousand.map(({ first, wraps }) => [first, wraps.length / 48])).toEqual([
      [0, 512],
      [512, 488],
    ]);
    const secret = key("x 3");
    for (const part of thousand)
      expect(openWraps(nodeCrypto, part, secret, x25519PublicKey(secret))).toBeDefined();
    const [one, ...rest] = crowd(500);
    expect(rest).toEqual([]);
    expect(encodeControl(one as Epoch).length).toBeLessThan(26_000);
  });
});

describe("vectors", () => {
  it("SEALED-4 SEALED-5 SEALED-10 an epoch and a message are opened as ever", () => {
    const vector = readVectors("private-rooms") as Vector;
    const room = fromHex(vector.roomId);
    const { root, device } = vector.author;
    const control = readControl(KIND_EPOCH, fromHex(vector.epoch.content));
    if (control?.type !== "epoch") throw new Error("not an epoch");
    const secret = fromHex(vector.epoch.secret);
    vector.secretKeys.forEach((own, i) => {
      const opened = openWraps(
        nodeCrypto,
        control,
        fromHex(own),
        fromHex(vector.publicKeys[i] ?? ""),
      );
      expect(opened).toEqual(secret);
    });
    expect(commits(nodeCrypto, room, fromHex(device), control, secret)).toBe(true);
    expect(toHex(control.id)).toBe(vector.epoch.id);
    expect(toHex(openOuter(nodeCrypto, room, control, secret) ?? key("none"))).toBe(vector.outer);
    expect(openBack(nodeCrypto, room, control, secret)).toEqual([
      { id: fromHex(vector.back.id), secret: fromHex(vector.back.secret) },
    ]);
    const { seq, kind, text, content } = vector.message;
    const at = { roomId: room, root: fromHex(root), device: fromHex(device), seq };
    const read = readSealed(fromHex(content));
    const said = read && openSaid(nobleCrypto, at, read, secret);
    expect(said).toEqual({ kind, content: encodeText(text) });
  });
});
