/** /device: one's own devices: which there are, linking another, their names, and revoking one. */
import { afterRevoking } from "../../src/app/devices/after-revoking.ts";
import type { DeviceInfo } from "../../src/app/devices-api.ts";
import type { Client } from "./client.ts";
import type { SlashCommand } from "./commands.ts";
import { sayTicket } from "./ticket-lines.ts";

const SHORT_DIGITS = 12;

type Word = (client: Client, rest: readonly string[]) => Promise<void> | void;

const WORDS: Readonly<Record<string, Word>> = { list, link, name, revoke };

export const DEVICE_COMMAND: SlashCommand = {
  name: "device",
  takes: "[list|link|name|revoke]",
  help: "your devices: /device link, /device name DEVICE NAME, /device revoke DEVICE",
  // Linking waits for the other device.
  lasting: true,
  async run(client, rest) {
    const [word = "list", ...more] = rest.split(/\s+/).filter(Boolean);
    const run = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (run) return run(client, more);
    client.say("info", `There is no /device ${word}. It knows ${Object.keys(WORDS).join(", ")}.`);
  },
};

async function list(client: Client): Promise<void> {
  for (const device of await client.api.devices()) client.say("info", lineOf(device));
}

async function link(client: Client): Promise<void> {
  const { ticket, expires } = await client.api.linkDevice({});
  const until = new Date(expires).toLocaleTimeString(undefined, { timeStyle: "short" });
  sayTicket(client, ticket, "{parley device link}", [
    `Makes one other device yours, until ${until}. Whoever sees it can be you: show it to nobody.`,
    "On the new device type {parley init --link TICKET}, or paste it where parley asks what others shall call you.",
  ]);
  const { device, name: called, left } = await client.api.linkedDevice({ ticket });
  const without = left === 0 ? "" : ` ${left} notes about people did not fit and stay here.`;
  client.say(
    "info",
    `${called || "A device"} is linked: ${device.slice(0, SHORT_DIGITS)}.${without}`,
  );
}

async function name(client: Client, [which, ...words]: readonly string[]): Promise<void> {
  if (which === undefined || words.length === 0)
    return client.say("info", "Which, and what is it called? /device name 3f9a01c2 laptop");
  client.say("info", lineOf(await client.api.nameDevice({ device: which, name: words.join(" ") })));
}

async function revoke(client: Client, words: readonly string[]): Promise<void> {
  const sure = words.at(-1) === "yes";
  const which = (sure ? words.slice(0, -1) : words).join(" ");
  if (which === "") return client.say("info", "Which? /device lists yours.");
  if (!sure)
    return client.say(
      "warn",
      `This is for good: nobody takes what it writes from then on. /device revoke ${which} yes`,
    );
  const revoked = await client.api.revokeDevice({ device: which });
  client.say("info", lineOf(revoked));
  client.say("info", "Whoever hears of it refuses that device. Stay until others were here.");
  const left = afterRevoking(await client.api.netList());
  if (left) client.say("info", left);
}

function lineOf({ device, name: called, current, here, revoked }: DeviceInfo): string {
  const where = current ? ", this one" : here ? ", connected" : "";
  return `${device.slice(0, SHORT_DIGITS)}${called === undefined ? "" : ` ${called}`}${where}${revoked ? ", revoked" : ""}`;
}
