/** Sentences of the first five minutes, and how commands inside them are typed. */
import { counted } from "../core/text/counted.ts";
import type { IdentityInfo, RoomInfo, StatusInfo } from "./api.ts";

/** How the reader of a sentence types commands: in a client with a slash, or behind this shell prefix. */
export interface Wording {
  /** Whether `/address` works as typed here. */
  readonly slash: boolean;
  /** "parley", or "npm start --" when it was started so. */
  readonly shell: string;
}

/**
 * Replaces commands in a notice by what works as typed here: `{/command …}` is called the same in a client and in a shell,
 * `{parley …}` works in a shell alone, `{parley …|/command …}` names both.
 */
export function wordCommands(text: string, wording: Wording): string {
  return text
    .replace(/\{\/([^{}]*)\}/g, (_, rest: string) =>
      wording.slash ? `/${rest}` : `${wording.shell} ${rest}`,
    )
    .replace(/\{parley ?([^{}|]*)(?:\|(\/[^{}]*))?\}/g, (_, rest: string, typed?: string) => {
      if (typed !== undefined && wording.slash) return typed;
      return rest === "" ? wording.shell : `${wording.shell} ${rest}`;
    });
}

/** The line every client begins with. */
export function welcomeLine(
  identity: IdentityInfo,
  { room, rank, private: history, with: other }: RoomInfo,
): string {
  const who = `You are ${identity.name} · ${identity.fingerprint}.`;
  if (other !== undefined)
    return `${who} What you and ${other.name} · ${other.fingerprint} write here is sealed to the two of you.`;
  if (history !== undefined)
    return `${who} ${room} is private: what is said here is sealed to those who are in it.`;
  return rank === undefined
    ? `${who} ${room} is open: anyone on this network who runs parley can read it and write here.`
    : `${who} ${room} has an owner: ranks say who may write here. Whoever knows its id can read it.`;
}

/** What a room is called where a person reads it: a conversation after the other one. */
export function roomTitle({ room, with: other }: Pick<RoomInfo, "room" | "with">): string {
  return other ? `@${other.name}` : room;
}

/** From where a node is reached, for a line of its status. */
export function reachWords({ reach, localOnly }: Pick<StatusInfo, "reach" | "localOnly">): string {
  if (localOnly) return "this machine only";
  if (!reach) return "nobody: the network is off";
  const ways = {
    public: "from the internet",
    relayed: `through ${counted(reach.relays.length, "relay")}`,
    private: "on its own networks; not from the internet",
  };
  const { serves } = reach;
  if (!serves) return ways[reach.kind];
  const places = `${serves.places} of ${serves.placesMax} places taken`;
  return `${ways[reach.kind]}; a relay itself, ${places}, ${counted(serves.circuits, "circuit")}`;
}

export const OFFLINE_LINE = "Offline. {parley node} keeps you reachable.";

export const ALONE_TEXT =
  "Nobody else here yet. On this Wi-Fi parley finds people by itself. Elsewhere: {/address} gives a line to " +
  "send to a friend. A second person on this machine: {parley --profile bob}";

export const ALONE_LOCAL_TEXT =
  "Nobody else here yet. With --local-only parley meets people on this machine alone. A second person on " +
  "this machine: {parley --local-only --profile bob}";

/** @param ports "TCP 41733", and where mDNS is on "UDP 5353 or TCP 41733". */
export function stillAloneText(ports: string, address: string): string {
  return (
    `Still alone. If a friend on this Wi-Fi has parley open, a firewall may block ${ports}. ` +
    `Ask them to type: {/connect ${address}}`
  );
}
