/** The commands below `parley device`: the devices that write in this person's name. */
import type { Command } from "commander";
import { examples } from "./arguments.ts";
import type { Run } from "./program.ts";
import { unknownCommand } from "./unknown-command.ts";

const DEVICE = ["<device>", "Its name, or 8 or more digits of its key"] as const;

export function addDevice(program: Command, run: Run, group: string): void {
  const load = () => import("./commands/device.ts");
  const device = program
    .command("device")
    .helpGroup(group)
    .description("Your devices: which there are, linking another, names, revoking")
    .addHelpText("after", examples("device", "device link", "device revoke laptop"))
    .argument("[command...]")
    .action(([word]: string[], _flags, command: Command) => {
      if (word !== undefined) throw unknownCommand(word, command);
      run(async (context) => (await load()).device(context));
    });
  device
    .command("link")
    .description("A ticket that makes another device yours: once, and for minutes")
    .option("--expires <TIME>", "Until when, up to 1h (10m)")
    .option("--no-qr", "No QR code")
    .option("--no-wait", "Where a node runs: do not wait until the other device is linked")
    .addHelpText("after", examples("device link", "device link --expires 5m --no-qr"))
    .action((flags) =>
      run(async (context) =>
        (await import("./commands/device-link.ts")).deviceLink(context, flags),
      ),
    );
  device
    .command("name")
    .description("Give a device a name of your own")
    .argument(...DEVICE)
    .argument("[name]", "Seen by nobody else")
    .option("--clear", "Take the name away")
    .addHelpText("after", examples("device name 3f9a01c2 laptop", "device name laptop --clear"))
    .action((which: string, name: string | undefined, flags) =>
      run(async (context) => (await load()).deviceName(context, which, name, flags)),
    );
  device
    .command("revoke")
    .description("Say in every room you are in that a device writes no more; for good")
    .argument(...DEVICE)
    .option("--yes", "Do not ask")
    .addHelpText("after", examples("device revoke laptop", "device revoke 3f9a01c2 --yes"))
    .action((which: string, flags) =>
      run(async (context) => (await load()).deviceRevoke(context, which, flags)),
    );
}
