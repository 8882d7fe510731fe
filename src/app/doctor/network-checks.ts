/** Verdicts about the network: who can reach this node, through which relays, and who of a room is there. */
import { counted } from "../../core/text/counted.ts";
import type { ReachInfo } from "../../core/interfaces.ts";
import type { Check, RoomInfo, StatusInfo } from "../api.ts";
import { reachOf } from "../online/address-reach.ts";

/** Who can dial this node, and through which relays. */
export function checkReach(status: StatusInfo): Check[] {
  if (status.networkState !== "on") return [];
  if (status.localOnly)
    return [{ name: "reach", ok: true, text: "this machine only, as asked by --local-only" }];
  return [reachVerdict(status), ...relayVerdicts(status), ...servedVerdict(status)];
}

function reachVerdict({ addresses, reach }: StatusInfo): Check {
  const name = "reach";
  const reaches = new Set(reachOf(addresses).map((address) => address.reach));
  if (reach?.kind === "public")
    return { name, ok: true, text: "people on the internet can dial this computer" };
  if (reach?.kind === "relayed")
    return { name, ok: true, text: "behind a router; people reach it through a relay" };
  const port = /\/tcp\/(\d+)/.exec(addresses.find((it) => it.includes("/tcp/")) ?? "")?.[1];
  return {
    name,
    ok: null,
    text: reaches.has("internet")
      ? "has an address on the internet; nobody has dialled it yet"
      : reaches.has("lan")
        ? "reachable on this LAN; not from the internet (behind a router), and no relay keeps a place for it"
        : "reachable on this machine only",
    hint:
      `Forward TCP ${port ?? "of this node"}, connect to a friend who can be reached, ` +
      "or have one of you run a relay: {parley node --relay}.",
  };
}

function relayVerdicts({ reach, peers }: StatusInfo): Check[] {
  const relays = (reach?.relays ?? []).map(({ address, expiresMs }): Check => ({
    name: "relay",
    ok: true,
    text:
      `${address} keeps a place until ${new Date(expiresMs).toISOString().slice(11, 16)} UTC; ` +
      "it is asked for again before. Usual bounds: a circuit is cut after 1 GiB or 1 h and dialled anew",
  }));
  const relayed = peers.filter(({ how }) => how === "relayed").length;
  if (relayed === 0) return relays;
  const missing = reach?.noHolePunching;
  return [
    ...relays,
    {
      name: "direct ways",
      ok: null,
      text: `${relayed} connected through a relay alone${missing === undefined ? "" : "; WebRTC is missing here"}`,
      hint:
        missing === undefined
          ? "A way through both routers is tried now and again; some routers allow none."
          : "Install parley again where its optional package node-datachannel can be had.",
    },
  ];
}

function servedVerdict({ reach }: StatusInfo): Check[] {
  if (!reach?.serves) return [];
  const { places, placesMax, circuits } = reach.serves;
  const full = places >= placesMax;
  return [
    {
      name: "relay for others",
      ok: !full,
      text: `keeps ${places} of ${placesMax} places, carries ${counted(circuits, "circuit")}`,
      ...(full ? { hint: "Run a second relay; people use up to three." } : {}),
    },
  ];
}

/** Who does not answer; undefined where they do, but with other keys. */
export function unansweredOf({ reach, notices }: StatusInfo): ReachInfo["unanswered"] {
  return notices.some(({ code }) => KEYS_DIFFER.has(code)) ? undefined : reach?.unanswered;
}

/** What a person has named, such as a relay, and does not answer. */
export function checkNamed(status: StatusInfo): Check[] {
  const { peers } = status;
  const named = unansweredOf(status)?.named ?? [];
  if (named.length === 0) return [];
  const more = named.length > NAMED_SHOWN ? ` and ${named.length - NAMED_SHOWN} more` : "";
  return [
    {
      name: "no answer",
      ok: null,
      text: `from ${named.slice(0, NAMED_SHOWN).join(", ")}${more}; dialled again and again`,
      hint:
        peers.length > 0
          ? "Whoever runs it has stopped it, or it has moved: ask them for the line of {/address}."
          : "Is this computer on the network, and parley still running there? Whoever runs it can say by the line of {/address} whether it has moved.",
    },
  ];
}

/** @param asked whether the person asked about this room */
export function checkRoom(room: RoomInfo, mesh: number | undefined, asked: boolean): Check {
  const { room: name, here, members, messages, pending } = room;
  const waiting = pending === 0 ? "" : `, ${pending} of yours pending`;
  const facts = `${counted(messages, "event")} stored${waiting}`;
  if (here > 0) {
    const gossip = mesh === undefined ? "" : `, gossip goes to ${mesh} of them`;
    return { name, ok: true, text: `${here} connected here${gossip}; ${facts}` };
  }
  const others = members - 1;
  if (others <= 0) return { name, ok: null, text: `nobody else has been here yet; ${facts}` };
  return {
    name,
    ok: asked ? false : null,
    text: `no member of this room can be dialled: ${others} known, none connected; ${facts}`,
    hint:
      (pending > 0 ? "Yours go out when somebody of this room is reachable. " : "") +
      "Ask one of them for the line of {/address}; a relay both of you know helps for good.",
  };
}

/** What the network has said is wrong and still holds, such as a key that does not match. */
export function checkNotices({ notices }: StatusInfo): Check[] {
  return notices
    .filter(({ level, code }) => level !== "info" && !SAID_ELSEWHERE.has(code))
    .map(({ code, level, text, hint }) => ({
      name: code,
      ok: level === "error" || KEYS_DIFFER.has(code) ? false : null,
      text,
      ...(hint === undefined ? {} : { hint }),
    }));
}

/** What is said where this network's keys were changed without this node. */
const KEYS_DIFFER = new Set(["network-key-changed", "network-secret-changed"]);
/** Addresses named in one verdict. */
const NAMED_SHOWN = 3;
const SAID_ELSEWHERE = new Set(["network-failed", "clock-wrong"]);
