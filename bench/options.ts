/** What `npm run bench` can be asked for. */
import { parseArgs } from "node:util";

const USAGE = `npm run bench measures the work of a chat on this machine, beside what the machine can do at all.

  npm run bench                       works A to T, medians of five rounds
  npm run bench -- --only A,C         some works
  npm run bench -- --rounds 3         fewer rounds; 0: only growth or other chats
  npm run bench -- --messages 1000    a smaller history than 10,000 messages
  npm run bench -- --growth all       also how cost grows, up to a million messages (half an hour);
                                      or some of messages,search,rooms,nodes; --sizes 10000,100000 for fewer messages
  npm run bench -- --network          how long people wait for a network, and what a relay costs; nothing else
  npm run bench -- --members          rooms that 1,000 people are in: coming in, listing them, new keys; nothing else
  npm run bench -- --private          a private room beside an open one, works A to D in turns, and nothing else
  npm run bench -- --passphrase       a store sealed by a passphrase beside one in clear, the same way
  npm run bench -- --check            compares the ratios to the machine's limits with the stored ones: ends with 1 when one has fallen
  npm run bench -- --peers DIR        other chats too, by the harness in DIR
  npm run bench -- --write            puts what was measured into docs/performance.md, bench/baseline.json and bench/growth.json

docs/performance.md says what each figure is.
`;

export const GROWTHS = ["messages", "search", "rooms", "nodes"] as const;
export type Growth = (typeof GROWTHS)[number];

const OPTIONS = {
  only: { type: "string" },
  rounds: { type: "string", default: "5" },
  messages: { type: "string", default: "10000" },
  growth: { type: "string", default: "" },
  sizes: { type: "string", default: "10000,100000,1000000" },
  private: { type: "boolean", default: false },
  passphrase: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  peers: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** The flags of the command line. Where they say nothing that can be measured the process ends with 2 and a sentence. @param works names of all works */
export function options(works: readonly string[]) {
  const { values } = parsed();
  if (values.help) end(0, USAGE);
  const growths: readonly string[] = values.growth === "all" ? GROWTHS : listed(values.growth);
  each("work", values.only === undefined ? [] : listed(values.only), works);
  each("growth", growths, ["", ...GROWTHS]);
  for (const number of [values.rounds, values.messages, ...listed(values.sizes)])
    if (!/^\d+$/.test(number)) refuse(`“${number}” is no number.`);
  return values;
}

function parsed() {
  try {
    return parseArgs({ options: OPTIONS });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function each(what: string, asked: readonly string[], known: readonly string[]): void {
  for (const one of asked)
    if (!known.includes(one))
      refuse(`There is no ${what} “${one}”; there are ${known.filter(Boolean).join(", ")}.`);
}

const listed = (text: string): string[] => text.split(",");

function refuse(sentence: string): never {
  return end(2, `${sentence}\nnpm run bench -- --help shows what can be asked for.\n`);
}

function end(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}
