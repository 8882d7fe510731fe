/** The commands about networks themselves. */
import { type Command, Option } from "commander";
import { examples, seconds, wholeNumber } from "./arguments.ts";
import type { Run } from "./program.ts";
import { unknownCommand } from "./unknown-command.ts";

export function addNet(program: Command, run: Run, group: string): void {
  const net = program
    .command("net")
    .helpGroup(group)
    .description("Networks: make a private one, invite to it, join, switch")
    .argument("[command...]")
    .addHelpText(
      "after",
      examples("net create friends", "net ticket", "net join parley:…", "net use friends"),
    )
    .action(([word]: string[], _flags, command: Command) => {
      if (word !== undefined) throw unknownCommand(word, command);
      run(async (context) => (await import("./commands/net-list.ts")).netList(context));
    });
  addMaking(net, run);
  addTickets(net, run);
  addKeeping(net, run);
}

function addMaking(net: Command, run: Run): void {
  net
    .command("create")
    .description("Make a private network: only whom a ticket lets in can meet there")
    .argument("<name>", "What it is called")
    .option("--swarm-key <FILE>", "Use the key of this swarm.key in place of a new one")
    .addHelpText("after", examples("net create friends", "net create team --swarm-key swarm.key"))
    .action((name: string, flags) =>
      run(async (context) =>
        (await import("./commands/net-create.ts")).netCreate(context, { ...flags, name }),
      ),
    );
  net
    .command("join")
    .description("Join the network of a ticket, after showing whose it is")
    .argument("<ticket>", "As net ticket prints it; - reads standard input")
    .option("--as <NAME>", "Call the network so here")
    .option("--yes", "Do not ask")
    .addOption(
      new Option("--wait <SECONDS>", "How long to try while nobody answers; default 30").argParser(
        seconds,
      ),
    )
    .addHelpText("after", examples("net join parley:ahrtm…", "net join - --yes < ticket.txt"))
    .action((ticket: string, _, command: Command) =>
      run(async (context) =>
        (await import("./commands/net-join.ts")).netJoin(context, {
          ...command.optsWithGlobals<{ as?: string; yes?: boolean; wait?: number }>(),
          ticket,
        }),
      ),
    );
}

function addTickets(net: Command, run: Run): void {
  net
    .command("ticket")
    .description("Print a ticket that lets somebody in, and its QR code")
    .option("--expires <TIME>", "How long it is good: 30m, 2h, 7d; default 7d")
    .addOption(
      new Option("--uses <N>", "How many people it lets in; default 1").argParser(wholeNumber),
    )
    .addOption(
      new Option("--role <ROLE>", "What they will be; default member").choices(["member", "admin"]),
    )
    .option("--lan", "Addresses of this LAN too, where there are public ones")
    .option("--no-qr", "The text only")
    .addHelpText("after", examples("net ticket", "net ticket --expires 2h --uses 5"))
    .action((flags) =>
      run(async (context) => (await import("./commands/net-ticket.ts")).netTicket(context, flags)),
    );
  net
    .command("revoke")
    .description("Let nobody in any more by a ticket")
    .argument("<ticket>", "The ticket, or its id as net show prints it; - reads standard input")
    .addHelpText("after", examples("net revoke parley:ahrtm…", "net revoke 4be17c02"))
    .action((ticket: string) =>
      run(async (context) => (await import("./commands/net-revoke.ts")).netRevoke(context, ticket)),
    );
}

function addKeeping(net: Command, run: Run): void {
  net
    .command("list")
    .description("The networks you are in")
    .addHelpText("after", examples("net list", "--json net list"))
    .action(() =>
      run(async (context) => (await import("./commands/net-list.ts")).netList(context)),
    );
  net
    .command("use")
    .description("Be in this network where none is named")
    .argument("<name>", "One of net list, or the name of an open network")
    .addHelpText("after", examples("net use friends", "net use parley"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/net-list.ts")).netUse(context, name)),
    );
  net
    .command("show")
    .description("Members of a private network, and the tickets made here")
    .argument("[name]", "Which; the one you are in")
    .addHelpText("after", examples("net show", "net show friends"))
    .action((name: string | undefined) =>
      run(async (context) => (await import("./commands/net-show.ts")).netShow(context, name)),
    );
  net
    .command("leave")
    .description("Leave a private network: its keys are forgotten, its messages stay")
    .argument("<name>", "One of net list")
    .addHelpText("after", examples("net leave friends"))
    .action((name: string) =>
      run(async (context) => (await import("./commands/net-list.ts")).netLeave(context, name)),
    );
  net
    .command("rotate")
    .description("Renew the secret of a private network, and leave out members who are to go")
    .option("--without <WHO...>", "Remove them: name, fingerprint or key")
    .option("--overlap <TIME>", "How long the old secret stays good; default 7d")
    .option("--outer", "Change the key in the tickets too, when the old secret ends")
    .addHelpText(
      "after",
      examples(
        "net rotate",
        "net rotate --without bob --overlap 1h",
        "net rotate --outer --overlap 2d",
      ),
    )
    .action((flags) =>
      run(async (context) => (await import("./commands/net-rotate.ts")).netRotate(context, flags)),
    );
  net
    .command("export")
    .description("Print the outer key as a swarm.key, for other libp2p programs")
    .argument("[name]", "Which; the one you are in")
    .addHelpText("after", examples("net export friends > swarm.key"))
    .action((name: string | undefined) =>
      run(async (context) => (await import("./commands/net-export.ts")).netExport(context, name)),
    );
}
