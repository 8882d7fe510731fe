/**
 * For whom an epoch of a private room is made: the devices of everybody in it, and who is known to be in it no more
 * (docs/spec/private-rooms.md, "The census").
 */
import { compare, concat, toHex, utf8 } from "../codec/bytes.ts";
import { encodeCbor } from "../codec/cbor.ts";
import {
  PRIVATE_DEVICES_MAX_COUNT,
  PRIVATE_DEVICES_PER_PERSON_MAX_COUNT,
} from "../codec/limits.ts";
import type { Crypto } from "../crypto/port.ts";
import { seen, type View } from "./control-graph.ts";
import type { Judged } from "./judged.ts";
import { approvalKeys, mayRead } from "./reading.ts";
import type { Resolver } from "./resolver.ts";

const DOMAIN = utf8("parley/census/1\0");
const GUEST = 0;

/** A device that secrets are sealed to. */
export interface SealedDevice {
  readonly root: Uint8Array;
  readonly device: Uint8Array;
  /** Its X25519 key. */
  readonly key: Uint8Array;
}

export interface Census {
  /** In the order of their device keys. */
  readonly devices: readonly SealedDevice[];
  /** Hex of identities and devices that were in the room and are not any more. */
  readonly out: ReadonlySet<string>;
  /** Of both, 32 bytes. */
  readonly hash: Uint8Array;
}

/** The census of a view, now by default. @param ahead a key that the own device is about to name */
export function censusOf(
  crypto: Crypto,
  resolver: Resolver,
  view: View = resolver.view(),
  ahead?: SealedDevice,
): Census {
  const out = new Set<string>();
  const keyed = new Map<string, Judged>();
  for (const judged of resolver.all()) {
    if (judged.void !== undefined || !seen(view, judged.placed)) continue;
    const { control, event } = judged;
    if (control?.type === "device") keep(keyed, judged);
    if (control?.type === "retire") out.add(placeOf(event.root, control.device));
  }
  const here = new Map<string, SealedDevice[]>();
  const approvals = approvalKeys(resolver);
  for (const root of resolver.people()) {
    if (mayRead(resolver, root, view, approvals)) here.set(toHex(root), []);
    else if (resolver.standing(root, view).rank >= GUEST) continue;
    else if (wasHere(resolver, root, view)) out.add(toHex(root));
  }
  for (const { control, event } of newestFirst(keyed.values())) {
    if (control?.type !== "device") continue;
    const theirs = here.get(toHex(event.root));
    if (!theirs || out.has(placeOf(event.root, event.device))) continue;
    if (ahead && compare(event.device, ahead.device) === 0) continue;
    if (theirs.length < PRIVATE_DEVICES_PER_PERSON_MAX_COUNT)
      theirs.push({ root: event.root, device: event.device, key: control.key });
  }
  if (ahead) here.get(toHex(ahead.root))?.unshift(ahead);
  const devices = [...here.values()]
    .flatMap((theirs) => theirs.slice(0, PRIVATE_DEVICES_PER_PERSON_MAX_COUNT))
    .sort((a, b) => compare(a.device, b.device) || compare(a.root, b.root))
    .slice(0, PRIVATE_DEVICES_MAX_COUNT);
  return { devices, out, hash: hashOf(crypto, devices, out) };
}

/** Whether everybody in the one is in the other, and nobody has gone since. */
export function onlyGrew(from: Census, to: Census): boolean {
  const now = new Set(to.devices.map(({ root, device }) => placeOf(root, device)));
  const stays = from.devices.every(({ root, device }) => now.has(placeOf(root, device)));
  return stays && [...to.out].every((place) => from.out.has(place));
}

function hashOf(
  crypto: Crypto,
  devices: readonly SealedDevice[],
  out: ReadonlySet<string>,
): Uint8Array {
  const named = devices.map(({ root, device, key }) => [root, device, key]);
  return crypto.sha256(concat(DOMAIN, encodeCbor([named, [...out].sort()])));
}

/** Somebody who asked in vain was never in. */
function wasHere(resolver: Resolver, root: Uint8Array, view: View): boolean {
  return resolver.about(root).some((judged) => seen(view, judged.placed));
}

/** Of one device the last word; where it said two, the one with the lower id. */
function keep(keyed: Map<string, Judged>, judged: Judged): void {
  const place = placeOf(judged.event.root, judged.event.device);
  const known = keyed.get(place);
  const later =
    known && (known.event.seq - judged.event.seq || compare(judged.event.id, known.event.id));
  if (later === undefined || later < 0) keyed.set(place, judged);
}

function newestFirst(those: Iterable<Judged>): Judged[] {
  return [...those].sort(
    (a, b) => b.event.moment - a.event.moment || compare(a.event.id, b.event.id),
  );
}

/** A device as the census calls it. */
export function placeOf(root: Uint8Array, device: Uint8Array): string {
  return `${toHex(root)}/${toHex(device)}`;
}
