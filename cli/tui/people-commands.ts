/** Slash commands about people: who they are, what you call them, whom you do not want to hear. */
import type { WhoisInfo } from "../../src/app/api.ts";
import { personMarks } from "../../src/app/people/person-words.ts";
import type { Client } from "./client.ts";
import type { SlashCommand } from "./commands.ts";

const WHICH = "Whom? A name, a fingerprint, or 8 digits of their key.";

export const PEOPLE_COMMANDS: readonly SlashCommand[] = [
  {
    name: "whois",
    takes: "WHO",
    help: "what is known of somebody",
    async run(client, rest) {
      if (rest === "") return client.say("info", "Who? For example: /whois bob");
      const who = await client.api.whois({ who: rest });
      client.say("info", [`${who.name} · ${who.fingerprint}`, ...flagsOf(who)].join(", "));
      client.say("info", `identity ${who.author}`);
      for (const { peerId, here } of who.devices)
        client.say("info", `device ${peerId}${here ? ", connected" : ""}`);
      for (const { room, name } of who.names) client.say("info", `in ${room} as ${name}`);
    },
  },
  {
    name: "petname",
    takes: "WHO [NAME]",
    help: "call somebody by a name of your own; without one, by theirs",
    async run(client, rest) {
      const [who = "", ...name] = rest.split(/\s+/);
      if (who === "") return client.say("info", WHICH);
      const petname = name.length === 0 ? null : name.join(" ");
      const person = await client.api.setPetname({ who, petname });
      client.say("info", `${person.fingerprint} is ${person.name} here.`);
    },
  },
  {
    name: "ignore",
    takes: "[-]WHO",
    help: "hide somebody's messages; with - show them again",
    async run(client, rest) {
      const [who, on] = signed(rest);
      if (who !== "") await client.api.ignore({ who, on });
      const ignored = await client.api.ignored();
      client.say(
        "info",
        ignored.length === 0
          ? "Nobody is ignored."
          : `Ignored: ${ignored.map(({ name }) => name).join(", ")}`,
      );
    },
  },
  {
    name: "block",
    takes: "[-]WHO",
    help: "hide somebody and have nothing to do with their devices; with - again",
    async run(client, rest) {
      const [who, on] = signed(rest);
      if (who !== "") await client.api.block({ who, on });
      const blocked = (await client.api.people()).filter((person) => person.blocked);
      client.say(
        "info",
        blocked.length === 0
          ? "Nobody is blocked."
          : `Blocked: ${blocked.map(({ name, fingerprint }) => `${name} · ${fingerprint}`).join(", ")}`,
      );
    },
  },
  {
    name: "verify",
    takes: "WHO [yes|no|NUMBER]",
    help: "make sure who somebody is: emoji while both are here, a number otherwise",
    lasting: true,
    async run(client, rest) {
      const [who = "", ...answer] = rest.split(/\s+/);
      if (who === "") return client.say("info", WHICH);
      if (answer.length > 0) return conclude(client, who, answer.join(" "));
      await compare(client, who);
    },
  },
];

/** Emoji where the other one is connected, and the number in any case. */
async function compare(client: Client, who: string): Promise<void> {
  const { author, name, fingerprint, number, here } = await client.api.safety({ who });
  const ends = `/verify ${fingerprint} yes where it is the same on both sides, /verify ${fingerprint} no where it is not.`;
  client.say("info", `Safety number of you and ${name}: ${number}`);
  if (!here) {
    client.say("info", `Compare it by voice or side by side. ${ends}`);
    return;
  }
  client.say("info", `Waiting for ${name} to type /verify and your name …`, "verify");
  const { emoji } = await client.api.compareLive({ who: author });
  const pictures = emoji.map((each) => `${each.emoji} ${each.name}`).join("  ");
  client.say("info", `Read to each other: ${pictures}`, "verify");
  client.comparing.add(author);
  client.say("info", ends);
}

async function conclude(client: Client, who: string, answer: string): Promise<void> {
  const { author } = await client.api.whois({ who });
  const live = client.comparing.delete(author);
  if (answer === "no") {
    const person = await client.api.setVerified({ who: author, on: false });
    return client.say("warn", `${person.name} is not verified. Somebody may stand between you.`);
  }
  const how =
    answer === "yes" ? { by: live ? ("emoji" as const) : ("word" as const) } : { compare: answer };
  const person = await client.api.setVerified({ who: author, on: true, ...how });
  client.say("info", [`${person.name} · ${person.fingerprint}`, ...personMarks(person)].join(", "));
}

function flagsOf(who: WhoisInfo): string[] {
  return [
    ...(who.me ? ["you"] : []),
    ...personMarks(who),
    ...(who.equivocated ? ["has signed two histories"] : []),
  ];
}

/** "-bob" is bob, taken back. */
function signed(rest: string): [string, boolean] {
  return rest.startsWith("-") ? [rest.slice(1).trim(), false] : [rest, true];
}
