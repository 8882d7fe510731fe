/** The built client in a real pseudo-terminal, its screen read back cell by cell. */
import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { until, type World } from "./parley.ts";
import { repoRoot } from "./repo.ts";

export class TestTerminal {
  readonly #terminal: InstanceType<typeof headless.Terminal>;
  readonly #pty: IPty;
  readonly exit: Promise<number>;
  /** Everything written to the terminal. */
  raw = "";

  constructor(
    world: World,
    name: string,
    columns: number,
    rows: number,
    args: readonly string[] = [],
  ) {
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 0,
    });
    const flags = ["--home", world.home(name), "--network", world.network, ...args];
    this.#pty = spawn(process.execPath, [join(repoRoot, "dist/parley.js"), ...flags], {
      cols: columns,
      rows,
      env: terminalEnvironment(world.environment),
    });
    this.#pty.onData((data) => {
      this.raw += data;
      this.#terminal.write(data);
    });
    this.exit = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** "alternate" while the client has the screen. */
  get buffer(): string {
    return this.#terminal.buffer.active.type;
  }

  /** The rows of the screen, trailing blanks cut. */
  screen(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? "",
    );
  }

  get text(): string {
    return this.screen().join("\n");
  }

  cursor(): { x: number; y: number } {
    const { active } = this.#terminal.buffer;
    return { x: active.cursorX, y: active.cursorY };
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Resolves once the client has drawn again: keys come another way than news of the size. */
  async resize(columns: number, rows: number): Promise<void> {
    this.#terminal.resize(columns, rows);
    const { length } = this.raw;
    this.#pty.resize(columns, rows);
    await until("the screen is drawn again", () => this.raw.length > length);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  shows(wanted: string | RegExp): Promise<void> {
    const fits = (): boolean =>
      typeof wanted === "string" ? this.text.includes(wanted) : wanted.test(this.text);
    return until(`the screen shows ${wanted}`, fits, () => this.text);
  }
}

/** A person's terminal has colours; the platform takes a set CI variable for a terminal without any. */
function terminalEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const { CI: _, NO_COLOR: __, ...rest } = environment;
  return { ...rest, TERM: "xterm-256color" } as Record<string, string>;
}
