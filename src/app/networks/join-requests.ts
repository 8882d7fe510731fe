/**
 * Requests to be let into a network that nobody has answered yet: kept on disk, and made again while a node runs, until somebody
 * answers or the ticket has expired (docs/adr/0183-requests-to-join-are-kept.md).
 */
import { toHex } from "../../core/codec/bytes.ts";
import { decodeCbor, encodeCbor } from "../../core/codec/cbor.ts";
import { isParleyError, ParleyError } from "../../core/codec/errors.ts";
import { JOIN_REQUESTS_MAX_COUNT } from "../../core/codec/limits.ts";
import { decodeTicket, encodeTicket, type Ticket } from "../../core/network/ticket.ts";
import type { Notice } from "../api.ts";
import type { NetworkInfo } from "./api.ts";
import type { Joining } from "./joining.ts";
import type { Networks } from "./networks.ts";
import { scopeOf } from "./record.ts";
import { FIRST_ROOM, USUAL_NETWORK } from "./usual.ts";

const PREFIX = "join/";
/** How long one attempt takes while nobody answers. */
const ATTEMPT_MS = 20_000;
/** Pauses between attempts, doubled each time. */
const PAUSE_MIN_MS = 10_000;
const PAUSE_MAX_MS = 600_000;

interface Kept {
  readonly key: string;
  readonly ticket: Ticket;
  /** What it is to be called here. */
  readonly name: string;
}

export class JoinRequests {
  readonly #networks: Networks;
  readonly #joining: Joining;
  readonly #tell: (notice: Notice) => Promise<void>;
  #cancel: (() => void) | undefined;
  #running = false;
  #pauseMs = PAUSE_MIN_MS;

  /** @param tell says something in every network that is open */
  constructor(networks: Networks, joining: Joining, tell: (notice: Notice) => Promise<void>) {
    this.#networks = networks;
    this.#joining = joining;
    this.#tell = tell;
  }

  /** Makes requests again from now on, beginning soon. */
  start(): void {
    this.#running = true;
    this.#later(0);
  }

  close(): void {
    this.#running = false;
    this.#cancel?.();
  }

  /** Asks to be let in. Where nobody answers in time the request is kept. @throws ParleyError `unreachable` and the refusals */
  async ask(ticket: Ticket, as: string | undefined, waitMs: number): Promise<void> {
    const { entries } = this.#networks;
    const key = PREFIX + toHex(ticket.invite.network);
    try {
      await this.#joining.enter(ticket, as, waitMs);
      await entries.write([{ key, value: null }]);
    } catch (error) {
      if (!isParleyError(error, "unreachable")) throw error;
      if ((await this.#kept()).length >= JOIN_REQUESTS_MAX_COUNT) throw error;
      const value = encodeCbor([encodeTicket(ticket), as ?? ticket.invite.name]);
      await entries.write([{ key, value }]);
      this.#pauseMs = PAUSE_MIN_MS;
      if (this.#running) this.#later(PAUSE_MIN_MS);
      throw new ParleyError("unreachable", error.message, {
        hint: "The request is kept, and made again while parley runs; {parley net list|/net list} shows it. Is parley open at the one who made the ticket?",
        cause: error,
      });
    }
  }

  /** Gives up a request by the name of its network. @returns the name, or undefined where there is none */
  async drop(name: string): Promise<string | undefined> {
    const found = (await this.#kept()).find((one) => one.name === name);
    if (!found) return undefined;
    await this.#networks.entries.write([{ key: found.key, value: null }]);
    return found.name;
  }

  /** The networks that are waited for. */
  async list(): Promise<NetworkInfo[]> {
    return (await this.#kept()).map(({ ticket, name }) => ({
      name,
      kind: "private",
      networkId: toHex(ticket.invite.network),
      current: false,
      running: false,
      peers: 0,
      asking: true,
    }));
  }

  async #kept(): Promise<Kept[]> {
    const { entries, init } = this.#networks;
    return (await entries.read(PREFIX)).map(({ key, value }) => {
      const [text, name] = decodeCbor(value) as [string, string];
      return { key, name, ticket: decodeTicket(init.crypto, text) };
    });
  }

  #later(delayMs: number): void {
    this.#cancel?.();
    const { timers, logger } = this.#networks.init;
    this.#cancel = timers.after(delayMs, () => {
      this.#again().catch((error: unknown) =>
        logger.warn("requests to join were not made", { error: String(error) }),
      );
    });
  }

  /** Makes every request once more. */
  async #again(): Promise<void> {
    for (const request of await this.#kept()) if (this.#running) await this.#attempt(request);
    if (!this.#running || (await this.#kept()).length === 0) return;
    this.#later(this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MAX_MS);
  }

  async #attempt({ key, ticket, name }: Kept): Promise<void> {
    const { entries } = this.#networks;
    const scope = scopeOf(ticket.invite.network);
    const before = (await entries.current()) ?? USUAL_NETWORK;
    try {
      await this.#joining.enter(ticket, name, ATTEMPT_MS);
    } catch (error) {
      if (isParleyError(error, "unreachable") && !this.#isOver(ticket)) return;
      await entries.write([{ key, value: null }]);
      const text = error instanceof Error ? error.message : String(error);
      return this.#tell({ level: "warn", code: "join-refused", text });
    }
    await entries.write([{ key, value: null }]);
    // Nobody should find themselves elsewhere because somebody has answered.
    await entries.setCurrent(before);
    const service = await this.#networks.service(scope);
    await service.join({ room: FIRST_ROOM });
    await this.#tell({
      level: "info",
      code: "join-granted",
      text: `You have been let into ${name}.`,
      hint: `{parley net use ${name}|/net use ${name}} goes there.`,
    });
  }

  #isOver({ invite }: Ticket): boolean {
    return this.#networks.init.clock.nowMs() >= invite.expiresS * 1000;
  }
}
