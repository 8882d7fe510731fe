/** The commands, their arguments and flags. Each command's code is loaded only when it runs. */
import { Argument, Command, Option } from "commander";
import { examples, portNumber, seconds, wholeNumber } from "./arguments.ts";
import type { Context } from "./context.ts";
import { helpText } from "./help.ts";
import { addDevice } from "./program-device.ts";
import { addFiles } from "./program-files.ts";
import { addSearch } from "./program-search.ts";
import { addNet } from "./program-net.ts";
import { addPeople, addVerify } from "./program-people.ts";
import { unknownCommand } from "./unknown-command.ts";
import { addRoom } from "./program-room.ts";

/** Runs a command once the context is made; the answer is the exit status. */
export type Run = (work: (context: Context) => Promise<number>) => void;

const MESSAGES = "Messages:";
const ROOMS = "Rooms:";
const PEOPLE = "People:";
const NETWORK = "Network:";
const IDENTITY = "You:";
const OTHER = "Other:";

const EPILOGUE = `
Examples:
  parley                       Open the chat
  parley --profile bob         Be a second person on this machine
  parley send lobby Hello      Say something and go
  date | parley --room lobby   Without a terminal each line is a message

Exit status: 0 done, 1 failed, 2 wrong usage, 3 nobody reachable in time,
4 locked by another process, 5 verification failed, 130 on Ctrl-C.
`;

/**
 * Flags of the program may stand anywhere, so `--wait` and `--room` of a command are found among the program's.
 * @param run is given what the chosen command does; the program itself does nothing.
 */
export function makeProgram(run: Run): Command {
  const program = new Command("parley")
    .description("A chat with no server. Without a command it opens the chat.")
    .configureHelp({ formatHelp: helpText })
    .helpOption("-h, --help", "Show this, or the help of a command")
    .helpCommand(false)
    .enablePositionalOptions(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .option("--home <DIR>", "Keep everything in this folder (PARLEY_HOME)")
    .option(
      "--profile <NAME>",
      "Be this person; each profile has its own identity (PARLEY_PROFILE)",
    )
    .option("--network <NAME>", "Meet people of this network only (PARLEY_NETWORK)")
    .option("--local-only", "This machine only: loopback, no multicast (PARLEY_LOCAL_ONLY=1)")
    .option("--passphrase-file <FILE>", "Unlock with the first line of this file or descriptor")
    .option("--json", "One JSON object a line, for scripts")
    .option("--quiet", "No words on standard error but errors")
    .option("--no-color", "No colours (NO_COLOR)")
    .option("--no-input", "Never ask, fail instead")
    .option("--version", "Show the version")
    .option("--room <ROOM>", "The room the chat opens, or is piped to; default lobby")
    .addOption(
      new Option(
        "--wait <SECONDS>",
        "How long the end of piped input waits for delivery",
      ).argParser(seconds),
    )
    .option("--screen-reader", "Plain lines without boxes, for a screen reader")
    .argument("[command...]")
    .action(([word]: string[], flags: Record<string, unknown>) => {
      if (word !== undefined) throw unknownCommand(word, program);
      run(async (context) => {
        if (flags.version === true) return (await import("./commands/version.ts")).version(context);
        return (await import("./commands/client.ts")).client(context, {
          ...(typeof flags.room === "string" ? { room: flags.room } : {}),
          ...(typeof flags.wait === "number" ? { wait: flags.wait } : {}),
          screenReader: flags.screenReader === true,
        });
      });
    });
  program.addHelpText("after", EPILOGUE);
  addMessages(program, run);
  addSearch(program, run, MESSAGES);
  addFiles(program, run, MESSAGES);
  addRooms(program, run);
  addRoom(program, run, ROOMS);
  addPeople(program, run, PEOPLE);
  addNetwork(program, run);
  addNet(program, run, NETWORK);
  addIdentity(program, run);
  addDevice(program, run, IDENTITY);
  addOther(program, run);
  for (const command of allBelow(program)) command.configureHelp({ formatHelp: helpText });
  return program;
}

function addMessages(program: Command, run: Run): void {
  program
    .command("send")
    .helpGroup(MESSAGES)
    .description("Send a message, and print its id once it is on the disk")
    .argument("<room>", "Without the #, which a shell takes for a comment")
    .argument("[text...]", "The message; - reads standard input, each line a message")
    .addOption(
      new Option(
        "--wait <SECONDS>",
        "Wait until somebody has it; 3 when the time is over",
      ).argParser(seconds),
    )
    .option("--whole", "All of standard input is one message")
    .option("--me", "Say it in the third person, as /me does")
    .addHelpText(
      "after",
      examples(
        "send lobby Good morning",
        "send lobby --wait 30 Is anybody there",
        "uptime | parley send lobby -",
      ),
    )
    .action((room: string, text: string[], _, command: Command) =>
      run(async (context) =>
        (await import("./commands/send.ts")).send(context, {
          ...command.optsWithGlobals<{ wait?: number }>(),
          room,
          text,
        }),
      ),
    );
  program
    .command("tail")
    .helpGroup(MESSAGES)
    .description("Show the last messages of a room, and follow it")
    .argument("<room>", "Without the #")
    .addOption(new Option("-n, --lines <N>", "How many; default 10").argParser(wholeNumber))
    .option(
      "-f, --follow",
      "Go on with what arrives; of a long history behind it only how much it is",
    )
    .addHelpText("after", examples("tail lobby -n 20", "--json tail lobby -f"))
    .action((room: string, flags) =>
      run(async (context) =>
        (await import("./commands/tail.ts")).tail(context, { ...flags, room }),
      ),
    );
  program
    .command("history")
    .helpGroup(MESSAGES)
    .description("Print stored messages, oldest first")
    .argument("<room>", "Without the #")
    .option("--since <TIME>", "From then on: 2026-11-24, 2026-11-24T18:30Z, 30m, 2h, 7d")
    .option("--until <TIME>", "Before then")
    .option("--from <WHO>", "By this name, fingerprint or key")
    .addOption(
      new Option("--limit <N>", "At most the newest N; default 100").argParser(wholeNumber),
    )
    .addHelpText(
      "after",
      examples("history lobby --since 2h", "--json history lobby --from ana --limit 1000"),
    )
    .action((room: string, flags) =>
      run(async (context) =>
        (await import("./commands/history.ts")).history(context, { ...flags, room }),
      ),
    );
}

function addRooms(program: Command, run: Run): void {
  const room = ["<room>", "Without the #"] as const;
  program
    .command("join")
    .helpGroup(ROOMS)
    .description("Join a room: by name, or by a ticket to one that has an owner")
    .argument("<room>", "Without the #; a ticket; - reads one from standard input")
    .addHelpText("after", examples("join lobby", "join parley:ahrtm…", "join - < ticket.txt"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/join.ts")).join(context, name)),
    );
  program
    .command("leave")
    .helpGroup(ROOMS)
    .description("Leave a room; its history stays on this machine")
    .argument(...room)
    .addHelpText("after", examples("leave lobby"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/leave.ts")).leave(context, name)),
    );
  program
    .command("rooms")
    .helpGroup(ROOMS)
    .description("List the rooms you are in, or the public ones that peers carry")
    .option("--all", "Public rooms that connected peers carry")
    .addHelpText("after", examples("rooms", "rooms --all", "--json rooms"))
    .action((flags: { all?: boolean }) =>
      run(async (context) => {
        const { publicRooms, rooms } = await import("./commands/rooms.ts");
        return flags.all === true ? publicRooms(context) : rooms(context);
      }),
    );
  program
    .command("members")
    .helpGroup(ROOMS)
    .description("Who is here, and who has written")
    .argument(...room)
    .addHelpText("after", examples("members lobby"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/members.ts")).members(context, name)),
    );
}

function addNetwork(program: Command, run: Run): void {
  program
    .command("node")
    .helpGroup(NETWORK)
    .description("Run without a screen, and stay reachable")
    .option("--listen <MULTIADDR...>", "Listen here in place of the chosen ports")
    .option("--announce <MULTIADDR...>", "Tell others this address too, such as a forwarded one")
    .option("--bootstrap <MULTIADDR...>", "Dial this address at the start and for ever")
    .option("--relay", "Be a relay for people nobody can dial")
    .option("--bootstrap-node", "Expect many to connect, as others begin with this node")
    .addOption(
      new Option(
        "--metrics-port <PORT>",
        "Serve /healthz, /readyz and /metrics on 127.0.0.1; 0 takes a free port",
      ).argParser(portNumber),
    )
    .addOption(new Option("--until-idle", "End 10 s after the last client").hideHelp())
    .addHelpText(
      "after",
      examples(
        "node",
        "node --listen /ip4/0.0.0.0/tcp/41733",
        "node --announce /dns4/chat.example.org/tcp/41733",
        "node --relay --announce /ip4/203.0.113.5/tcp/41733 --metrics-port 9464",
      ),
    )
    .action((flags) =>
      run(async (context) => (await import("./commands/node.ts")).node(context, flags)),
    );
  program
    .command("connect")
    .helpGroup(NETWORK)
    .description("Dial somebody at the address they gave you")
    .argument("<multiaddr>", "As {address} prints it: /ip4/…/tcp/…/p2p/…")
    .addHelpText("after", examples("connect /ip4/192.168.1.7/tcp/41733/p2p/12D3Koo…"))
    .action((address: string) =>
      run(async (context) => (await import("./commands/connect.ts")).connect(context, address)),
    );
  program
    .command("address")
    .helpGroup(NETWORK)
    .description("Print a line to send to a friend, best first")
    .addHelpText("after", examples("address"))
    .action(() => run(async (context) => (await import("./commands/address.ts")).address(context)));
  program
    .command("peers")
    .helpGroup(NETWORK)
    .description("Who is connected, and how")
    .addHelpText("after", examples("peers"))
    .action(() => run(async (context) => (await import("./commands/peers.ts")).peers(context)));
  program
    .command("status")
    .helpGroup(NETWORK)
    .description("Node, peers, rooms and what is wrong, on one page")
    .addHelpText("after", examples("status", "--json status"))
    .action(() => run(async (context) => (await import("./commands/status.ts")).status(context)));
  program
    .command("stop")
    .helpGroup(NETWORK)
    .description("End the node that runs for this profile")
    .addHelpText("after", examples("stop"))
    .action(() => run(async (context) => (await import("./commands/stop.ts")).stop(context)));
}

function addIdentity(program: Command, run: Run): void {
  program
    .command("init")
    .helpGroup(IDENTITY)
    .description("Make the identity without asking, and print its recovery phrase once")
    .option("--name <NAME>", "What others see")
    .option(
      "--link <TICKET>",
      "Be another device of yours, by its ticket; - reads it from standard input",
    )
    .option("--wait <SECONDS>", "How long to look for the other device (30)", seconds)
    .option("--passphrase-stdin", "Lock it with the first line of standard input")
    .addHelpText(
      "after",
      examples("init --name ana", "--profile bob init --name bob", "init --link - < ticket.txt"),
    )
    .action((flags) =>
      run(async (context) => (await import("./commands/init.ts")).init(context, flags)),
    );
  const id = program
    .command("id")
    .helpGroup(IDENTITY)
    .description("Who am I: name, fingerprint, peer id")
    .addHelpText("after", examples("id", "id verify ana", "id backup", "id restore --name ana"))
    .argument("[command...]")
    .action(([word]: string[], _flags, command: Command) => {
      if (word !== undefined) throw unknownCommand(word, command);
      run(async (context) => (await import("./commands/id.ts")).id(context));
    });
  id.command("backup")
    .description("Show the recovery phrase again, after the passphrase where there is one")
    .addHelpText("after", examples("id backup"))
    .action(() =>
      run(async (context) => (await import("./commands/id-backup.ts")).idBackup(context)),
    );
  id.command("restore")
    .description("Become the identity of a recovery phrase, with a new device key")
    .option("--name <NAME>", "What others see")
    .option("--passphrase-stdin", "Lock it with the second line of standard input")
    .addHelpText("after", examples("id restore --name ana"))
    .action((flags) =>
      run(async (context) => (await import("./commands/id-restore.ts")).idRestore(context, flags)),
    );
  addVerify(id, run);
  id.command("passphrase")
    .description("Set, change or take away the passphrase that seals this profile")
    .option("--new-passphrase-file <FILE>", "The new one is the first line of this file")
    .option("--remove", "Go on without a passphrase")
    .addHelpText(
      "after",
      examples(
        "id passphrase",
        "id passphrase --new-passphrase-file new.txt",
        "id passphrase --remove",
      ),
    )
    .action((flags) =>
      run(async (context) =>
        (await import("./commands/id-passphrase.ts")).idPassphrase(context, flags),
      ),
    );
}

function addOther(program: Command, run: Run): void {
  program
    .command("doctor")
    .helpGroup(OTHER)
    .description("What works, what does not, and what to do about it")
    .option("--room <ROOM>", "Only this room")
    .option("--rebuild", "Build every index of the store again from the messages")
    .option("--report", "One text to send to somebody who helps, without names and addresses")
    .option("--repair", "Mend a damaged store; a copy of it as it was is kept")
    .addHelpText("after", examples("doctor", "doctor --room lobby", "doctor --report > report.txt"))
    .action((_, command: Command) =>
      run(async (context) =>
        (await import("./commands/doctor.ts")).doctor(context, command.optsWithGlobals()),
      ),
    );
  const config = program
    .command("config")
    .helpGroup(OTHER)
    .description("The config file")
    .addHelpText("after", examples("config check"));
  config
    .command("check")
    .description("Read the config file as a node would, and say what is wrong with it")
    .argument("[file]", "Another than the one parley reads")
    .addHelpText("after", examples("config check", "config check deploy/relay.toml"))
    .action((file: string | undefined) =>
      run(async (context) =>
        (await import("./commands/config-check.ts")).configCheck(context, file),
      ),
    );
  program
    .command("completion")
    .helpGroup(OTHER)
    .description("Print the completion script of a shell")
    .addArgument(new Argument("<shell>", "The shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      examples("completion bash > ~/.local/share/bash-completion/completions/parley"),
    )
    .action((shell: "bash" | "zsh" | "fish") =>
      run(async (context) =>
        (await import("./commands/completion.ts")).completion(context, shell, program),
      ),
    );
  program
    .command("help")
    .helpGroup(OTHER)
    .description("Show the help of a command")
    .argument("[command...]", "Which command, such as: id restore")
    .action((words: string[]) => {
      let command = program;
      for (const word of words) {
        const below = command.commands.find((one) => one.name() === word);
        if (below === undefined) throw unknownCommand(word, command);
        command = below;
      }
      command.help();
    });
}

function allBelow(command: Command): Command[] {
  return command.commands.flatMap((below) => [below, ...allBelow(below)]);
}
