/**
 * A small internet on one Linux machine: network namespaces joined by bridges, routers that translate addresses, and people
 * behind them who run the built program. The internet's addresses are public ones, because libp2p passes over private ones.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { World } from "./parley.ts";

/** What `ip netns exec` puts over /etc for whoever runs in a namespace. */
const ETC = "/etc/netns";

/** Whether this machine lets us make namespaces, and has the tools for it. */
export function canMakeLab(): boolean {
  const name = `parley-try-${process.pid}`;
  try {
    ip("netns", "add", name);
    execFileSync("ip", ["netns", "exec", name, "nft", "list", "ruleset"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    try {
      ip("netns", "delete", name);
    } catch {
      // It was never made.
    }
  }
}

let labs = 0;

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** What it has said so far. */
  readonly output: () => string;
}

export class Lab extends World {
  /** Namespaces of one run are told apart by this. */
  readonly #mark = `pl${process.pid}-${labs++}-`;
  readonly #spaces = new Set<string>();
  /** Who sits in which namespace; the same by default. */
  readonly #seats = new Map<string, string>();
  readonly #programs = new Set<Program>();
  #links = 0;

  static override async make(): Promise<Lab> {
    const lab = new Lab(await World.makeFolder());
    lab.#space("inet");
    lab.#bridge("inet");
    return lab;
  }

  override async end(): Promise<void> {
    for (const { child } of this.#programs) child.kill("SIGKILL");
    await Promise.all([...this.#programs].map(({ ended }) => ended));
    await super.end();
    for (const space of this.#spaces) {
      ip("netns", "delete", space);
      rmSync(`${ETC}/${space}`, { recursive: true, force: true });
    }
    this.#spaces.clear();
  }

  /** A host on the internet. @param number last byte of its address 5.5.0.N */
  host(name: string, number: number): string {
    this.#space(name);
    this.#join(name, "inet", `5.5.0.${number}/24`);
    return `5.5.0.${number}`;
  }

  /**
   * A router on the internet with a LAN 192.168.N.0/24 behind it; new connections from outside are dropped.
   * @param symmetric each connection gets a port of its own outside, so nothing can be dialled at it
   */
  router(name: string, number: number, { symmetric = false } = {}): void {
    this.#space(name);
    this.#join(name, "inet", `5.5.0.${number}/24`);
    this.#bridge(name);
    this.tool(name, "ip", "address", "add", `192.168.${number}.1/24`, "dev", "br0");
    this.tool(name, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    const masquerade = symmetric ? "masquerade fully-random" : "masquerade";
    const rules = `table ip nat {
      chain out { type nat hook postrouting priority 100; oifname "eth0" ${masquerade}; }
      chain forward { type filter hook forward priority 0; policy accept;
        iifname "eth0" ct state new drop; }
      chain input { type filter hook input priority 0; policy accept; iifname "eth0" ct state new drop; }
    }`;
    execFileSync("ip", ["netns", "exec", this.space(name), "nft", "-f", "-"], { input: rules });
  }

  /** A switch that leads nowhere else: a LAN 192.168.N.0/24 without a router. */
  lan(name: string): void {
    this.#space(name);
    this.#bridge(name);
  }

  /** A computer on the LAN of a router or switch. */
  behind(name: string, router: string, address: string, gateway?: string): void {
    this.#space(name);
    this.#join(name, router, `${address}/24`);
    this.#route(name, gateway);
  }

  /** ana and bob, each at home behind a router of their own. */
  twoHomes(routers: { symmetric?: boolean } = {}): void {
    for (const [name, router, number] of [
      ["ana", "natA", 10],
      ["bob", "natB", 20],
    ] as const) {
      this.router(router, number, routers);
      this.behind(name, router, `192.168.${number}.5`, `192.168.${number}.1`);
    }
  }

  /** Joins two switches. @param port the name of the cable's end at the first, to be pulled by */
  bridgeLink(one: string, other: string, port: string): void {
    const far = `p${this.#links++}`;
    const [a, b] = [this.space(one), this.space(other)];
    ip("link", "add", port, "netns", a, "type", "veth", "peer", "name", far, "netns", b);
    this.tool(one, "ip", "link", "set", port, "master", "br0", "up");
    this.tool(other, "ip", "link", "set", far, "master", "br0", "up");
  }

  /** Moves somebody to another address of the same link, as when Wi-Fi becomes cable. */
  readdress(name: string, address: string, gateway?: string): void {
    this.tool(name, "ip", "address", "flush", "dev", "eth0");
    this.tool(name, "ip", "address", "add", `${address}/24`, "dev", "eth0");
    this.#route(name, gateway);
  }

  /** Pulls or plugs somebody's cable. */
  cable(name: string, state: "up" | "down", gateway?: string): void {
    this.tool(name, "ip", "link", "set", "eth0", state);
    if (state === "up") this.#route(name, gateway);
  }

  /** People in one namespace share its addresses, as on one computer. */
  seat(name: string, space: string): void {
    this.#seats.set(name, space);
  }

  /** Whom somebody asks for names. Said before they start. */
  resolver(name: string, host: string): void {
    mkdirSync(`${ETC}/${this.space(name)}`, { recursive: true });
    writeFileSync(`${ETC}/${this.space(name)}/resolv.conf`, `nameserver ${host}\n`);
  }

  /** Starts a program in a namespace that runs until the test ends, or until it is ended. */
  program(name: string, command: string, ...args: string[]): Program {
    const child = spawn("ip", ["netns", "exec", this.space(name), command, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const program = { child, ended, output: () => output };
    this.#programs.add(program);
    return program;
  }

  /** Runs a tool in a namespace. */
  tool(name: string, command: string, ...args: string[]): string {
    return execFileSync("ip", ["netns", "exec", this.space(name), command, ...args], {
      encoding: "utf8",
    });
  }

  space(name: string): string {
    return this.#mark + (this.#seats.get(name) ?? name);
  }

  protected override commandOf(name: string): [string, ...string[]] {
    return ["ip", "netns", "exec", this.space(name), process.execPath];
  }

  protected override environmentOf(name: string): NodeJS.ProcessEnv {
    const seat = this.#seats.get(name) ?? name;
    return {
      PARLEY_LOCAL_ONLY: "0",
      PARLEY_RUNTIME_DIR: `${this.folder}/run-${seat}`,
      PARLEY_LOG: "debug",
    };
  }

  /** As DHCP would: where packets for elsewhere go. On a LAN without a router that is the cable itself, or no multicast leaves. */
  #route(name: string, gateway: string | undefined): void {
    const way = gateway === undefined ? ["dev", "eth0"] : ["via", gateway];
    this.tool(name, "ip", "route", "replace", "default", ...way);
  }

  #space(name: string): void {
    const space = this.space(name);
    ip("netns", "add", space);
    this.#spaces.add(space);
    this.tool(name, "ip", "link", "set", "lo", "up");
  }

  #bridge(name: string): void {
    this.tool(name, "ip", "link", "add", "br0", "type", "bridge", "forward_delay", "0");
    this.tool(name, "ip", "link", "set", "br0", "up");
  }

  /** A cable from somebody's eth0 to the bridge of a namespace. */
  #join(name: string, bridge: string, address: string): void {
    const port = `p${this.#links++}`;
    const [a, b] = [this.space(name), this.space(bridge)];
    ip("link", "add", "eth0", "netns", a, "type", "veth", "peer", "name", port, "netns", b);
    this.tool(bridge, "ip", "link", "set", port, "master", "br0", "up");
    this.tool(name, "ip", "address", "add", address, "dev", "eth0");
    this.tool(name, "ip", "link", "set", "eth0", "up");
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
