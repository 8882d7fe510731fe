/**
 * What follows a person from device to device when one is linked: which of a profile's small records, in which order, and what
 * each has to look like. A feature that keeps something of a person rather than of a machine (the keys of a room, above all)
 * gets a line in `KINDS`.
 */
import { fromUtf8, utf8 } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import {
  FOLLOWING_KEY_MAX_BYTES,
  FOLLOWING_MAX_BYTES,
  FOLLOWING_VALUE_MAX_BYTES,
} from "../../core/codec/limits.ts";
import type { MetaChange, Store } from "../../core/interfaces.ts";
import { Fields, Misfit } from "../../core/network/fields.ts";
import { encodeFollowing, FollowingReader, type FollowingRecord } from "../../core/network/link.ts";
import { canonicalRoomName } from "../../core/room/open-room.ts";
import { DIRECT_PREFIX } from "../direct/direct-record.ts";
import { PRIVATE_PREFIX } from "../private/key-store.ts";
import type { AddressInfo } from "../api.ts";
import {
  CURRENT_NETWORK,
  decodeEntry,
  encodeEntry,
  NETWORK_PREFIX,
  type NetworkEntry,
} from "../networks/record.ts";
import { nearAddresses } from "../networks/ticket-addresses.ts";

interface Kind {
  /** With which its keys begin. */
  readonly prefix: string;
  /** What the rest of a key looks like. */
  readonly rest: RegExp;
  /** @throws Misfit, or what reading it throws */
  readonly check: (value: Uint8Array, rest: string) => void;
}

const PEER_PREFIX = "peer/";
const HEX = /^[0-9a-f]{64}$/;
const WHOLE = /^$/;

/** Most needed first: what is beyond the bound stays behind. */
const KINDS: readonly Kind[] = [
  { prefix: "name", rest: WHOLE, check: isText },
  { prefix: NETWORK_PREFIX, rest: HEX, check: isNetwork },
  { prefix: CURRENT_NETWORK, rest: WHOLE, check: isText },
  // Before the rooms: without it a private one is not known to be so. Its keys are asked for (`/parley/keys/1`).
  { prefix: PRIVATE_PREFIX, rest: HEX, check: isOuter },
  { prefix: "room/", rest: /^[^/]+\/#.+$/, check: isRoom },
  { prefix: DIRECT_PREFIX, rest: /^[^/]+\/[0-9a-f]{64}$/, check: isNothing },
  { prefix: "successor/", rest: HEX, check: isKey },
  { prefix: "revoked/", rest: /^([0-9a-f]{64}\/){3}[0-9a-f]{64}$/, check: isRevocation },
  { prefix: "device/", rest: HEX, check: isText },
  { prefix: "person/", rest: HEX, check: isPerson },
  { prefix: "ignore/", rest: HEX, check: isText },
  { prefix: "follow/", rest: /^([0-9a-f]{64}\/)[0-9a-f]{64}$/, check: isNothing },
  { prefix: PEER_PREFIX, rest: /^[^/]+\/\/.+$/, check: isTime },
];

/** Reads what follows, as far as it fits; `left` counts what does not. */
export async function gatherFollowing(
  store: Store,
  more: readonly FollowingRecord[],
): Promise<{ records: FollowingRecord[]; left: number }> {
  const records: FollowingRecord[] = [];
  let [sizeBytes, left] = [0, 0];
  const all = [...more];
  for (const { prefix } of KINDS) all.push(...(await store.listMeta(prefix)));
  for (const record of all) {
    if (!isSound(record)) continue;
    const lengthBytes = utf8(record.key).length + record.value.length + RECORD_OVERHEAD_BYTES;
    if (sizeBytes + lengthBytes > FOLLOWING_MAX_BYTES) {
      left++;
      continue;
    }
    sizeBytes += lengthBytes;
    records.push(record);
  }
  return { records, left };
}

/** Heads in frames, generously. */
const RECORD_OVERHEAD_BYTES = 32;

/** One string of bytes of all of them, as they wait for the store to be made. @throws ParleyError `bad-link` */
export function packFollowing(records: readonly FollowingRecord[]): Uint8Array {
  if (!records.every(isSound))
    throw new ParleyError("bad-link", "The other side does not keep to the rules of linking.");
  return encodeCbor(encodeFollowing(records));
}

/** The name among them. */
export function nameAmong(records: readonly FollowingRecord[]): string | undefined {
  const record = records.find(({ key }) => key === "name");
  return record && fromUtf8(record.value);
}

/** The private networks among them, and where members were met; what breaks the rules is passed over. */
export function networksAmong(records: readonly FollowingRecord[]): {
  entries: NetworkEntry[];
  peers: FollowingRecord[];
} {
  const sound = records.filter(isSound);
  const of = (prefix: string): FollowingRecord[] =>
    sound.filter(({ key }) => key.startsWith(prefix));
  return {
    entries: of(NETWORK_PREFIX).map(({ value }) => decodeEntry(value)),
    peers: of(PEER_PREFIX),
  };
}

/** Where this device is reached, as records of those who are met there. */
export function peerRecords(
  reached: readonly { readonly scope: string; readonly addresses: readonly AddressInfo[] }[],
  nowMs: number,
): FollowingRecord[] {
  const value = encodeCbor(Math.max(0, Math.floor(nowMs)));
  return reached.flatMap(({ scope, addresses }) =>
    nearAddresses(addresses, true).map(({ address }) => ({
      key: `${PEER_PREFIX}${scope}/${address}`,
      value,
    })),
  );
}

/** Writes them, in one batch; twice does no harm. @param newPorts of each private network */
export async function writeFollowing(
  store: Store,
  packed: Uint8Array,
  newPorts: () => { tcp: number; ws: number },
): Promise<void> {
  const reader = new FollowingReader();
  for (const frame of decodeCbor(packed) as Uint8Array[]) reader.take(frame);
  const changes: MetaChange[] = reader.records.map(({ key, value }) => {
    if (!key.startsWith(NETWORK_PREFIX)) return { key, value };
    return { key, value: encodeEntry({ ...decodeEntry(value), ports: newPorts() }) };
  });
  await store.writeMeta(changes);
}

function isSound({ key, value }: FollowingRecord): boolean {
  if (utf8(key).length > FOLLOWING_KEY_MAX_BYTES || value.length > FOLLOWING_VALUE_MAX_BYTES)
    return false;
  const kind = KINDS.find(({ prefix }) => key.startsWith(prefix));
  const rest = key.slice(kind?.prefix.length);
  if (!kind?.rest.test(rest)) return false;
  try {
    kind.check(value, rest);
    return true;
  } catch (error) {
    if (error instanceof Misfit || isParleyError(error) || error instanceof TypeError) return false;
    throw error;
  }
}

function isText(value: Uint8Array): void {
  fromUtf8(value);
}

function isNothing(value: Uint8Array): void {
  if (value.length > 0) throw new Misfit("more than nothing");
}

function isTime(value: Uint8Array): void {
  if (typeof decodeCbor(value) !== "number") throw new Misfit("no time");
}

function isNetwork(value: Uint8Array): void {
  const { name, id, founder, nonce, outerKey, secrets } = decodeEntry(value);
  const lengths = [id, founder, nonce, outerKey].map((bytes) => bytes.length);
  if (typeof name !== "string" || lengths.join() !== "32,32,16,32") throw new Misfit("no network");
  const areSecrets = secrets.every(({ secret }) => secret.length === 32);
  if (secrets.length === 0 || !areSecrets) throw new Misfit("no secret");
}

function isRoom(value: Uint8Array, rest: string): void {
  const name = rest.slice(rest.indexOf("#"));
  if (canonicalRoomName(name) !== name) throw new Misfit("a name of another spelling");
  if (value.length > 0) Fields.decode(value).bytes(32);
}

function isOuter(value: Uint8Array): void {
  const fields = Fields.decode(value);
  fields.bytes(32);
  fields.optional((epoch) => epoch.bytes(32));
}

function isKey(value: Uint8Array): void {
  if (value.length !== 32) throw new Misfit("not a key");
}

function isRevocation(value: Uint8Array): void {
  const fields = Fields.decode(value);
  fields.number(0, Number.MAX_SAFE_INTEGER);
  if (typeof fields.raw() !== "boolean") throw new Misfit("neither yes nor no");
  fields.number(0, Number.MAX_SAFE_INTEGER);
}

function isPerson(value: Uint8Array): void {
  const fields = Fields.decode(value);
  const petname = fields.raw();
  if (petname !== null && typeof petname !== "string") throw new Misfit("no name");
  fields.optional((outer) => {
    const marked = Fields.of(outer.raw());
    marked.number(0, 3);
    marked.number(0, Number.MAX_SAFE_INTEGER);
    marked.text(FOLLOWING_KEY_MAX_BYTES);
  });
  if (typeof fields.raw() !== "boolean") throw new Misfit("neither yes nor no");
}
