/** /net: the networks one is in, and the tickets to them. */
import type { TicketPreview } from "../../src/app/networks/api.ts";
import { counted } from "../../src/core/text/counted.ts";
import type { Client } from "./client.ts";
import type { SlashCommand } from "./commands.ts";
import { Quit } from "./quit.ts";
import { sayTicket } from "./ticket-lines.ts";

/** The ticket that was shown last, and waits for a yes. */
const shown = new WeakMap<Client, string>();

const WORDS: Readonly<Record<string, (client: Client, rest: string) => Promise<void> | void>> = {
  list,
  use: (client, name) => {
    if (name === "") return client.say("info", "Which network? /net list shows yours.");
    return enter(client, name);
  },
  show,
  ticket,
  join,
};

export const NET_COMMAND: SlashCommand = {
  name: "net",
  takes: "[list|use|show|ticket|join]",
  help: "networks: /net use NAME, /net show, /net ticket [PEOPLE], /net join TICKET",
  async run(client, rest) {
    const [word = "list", ...more] = rest.split(/\s+/).filter(Boolean);
    const run = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (run) return run(client, more.join(" "));
    client.say("info", `There is no /net ${word}. It knows ${Object.keys(WORDS).join(", ")}.`);
  },
};

async function list(client: Client): Promise<void> {
  for (const { name, kind, members, peers, running, asking } of await client.api.netList()) {
    const here = name === client.identity.network ? "* " : "";
    const people = members === undefined ? "" : `, ${counted(members, "member")}`;
    const open = running ? `, ${peers} connected` : ", not open";
    const state = asking === true ? ", asking to be let in" : open;
    client.say("info", `${here}${name}: ${kind}${people}${state}`);
  }
}

/** Goes there: the screen begins anew in that network. */
async function enter(client: Client, name: string): Promise<void> {
  const network = await client.api.netUse({ name });
  if (network.name === client.identity.network)
    return client.say("info", `You are in ${network.name} already.`);
  throw new Quit({ network: network.name });
}

async function show(client: Client, name: string): Promise<void> {
  const details = await client.api.netShow(name === "" ? {} : { name });
  client.say("info", `${details.name}: private, ${counted(details.memberList.length, "member")}`);
  for (const member of details.memberList) {
    const from = member.inviter === undefined ? "" : `, let in by ${member.inviter}`;
    const sign = member.here || member.me ? "●" : "○";
    client.say("info", `${sign} ${member.name} · ${member.fingerprint}, ${member.role}${from}`);
  }
  for (const { ticketId, state, used, uses, expires } of details.tickets)
    client.say(
      "info",
      `ticket ${ticketId.slice(0, 8)}: ${state}, ${used} of ${uses} used, until ${timeOf(expires)}`,
    );
}

async function ticket(client: Client, people: string): Promise<void> {
  if (people !== "" && !/^\d{1,4}$/.test(people))
    return client.say("info", "How many people may come in by it? For example: /net ticket 3");
  const made = await client.api.netTicket(people === "" ? {} : { uses: Number(people) });
  const whom = made.uses === 1 ? "1 person" : `${made.uses} people`;
  sayTicket(client, made.ticket, "{parley net ticket}", [
    `Lets ${whom} into ${made.network}, until ${timeOf(made.expires)}. Whoever sees it can use it. ` +
      "A friend types /net join and the ticket.",
  ]);
}

/** Shows a ticket first; without one it joins what was shown. */
async function join(client: Client, text: string): Promise<void> {
  if (text === "" || text === "yes") {
    const waiting = shown.get(client);
    if (waiting === undefined)
      return client.say("info", "Which ticket? A friend's /net ticket prints one.");
    client.say("info", "Asking to be let in …", "net-join");
    const joined = await client.api.netJoin({ ticket: waiting });
    shown.delete(client);
    const names = joined.here.map(({ name }) => name).join(", ");
    client.say("info", `You are in ${joined.name}. There: ${names || "nobody now"}.`, "net-join");
    return enter(client, joined.name);
  }
  const preview = await client.api.netPreview({ ticket: text });
  shown.set(client, text);
  client.say("info", described(preview));
}

function described({
  network,
  fingerprint,
  role,
  expires,
  expired,
  member,
}: TicketPreview): string {
  if (member) return `You are in ${network} already. /net join yes asks its members anew.`;
  const until = `${expired ? "It has expired" : "It is good until"} ${timeOf(expires)}.`;
  return `A ticket to the private network ${network}, made by ${fingerprint}: you would be ${role === "admin" ? "an admin" : "a member"}. ${until} /net join yes joins.`;
}

function timeOf(rfc3339: string): string {
  return new Date(rfc3339).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
