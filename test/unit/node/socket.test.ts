import { randomInt } from "node:crypto";
import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AppEvent, ParleyApi } from "../../../src/app/api.ts";
import { ParleyError } from "../../../src/core/codec/errors.ts";
import { connectSocket } from "../../../src/node/socket-client.ts";
import { refuseForeign } from "../../../src/node/files.ts";
import { SocketServer } from "../../../src/node/socket-server.ts";
import { until } from "../../support/transports.ts";

const silent = (): void => undefined;
let path: string;
let server: SocketServer;
const listeners = new Set<(event: AppEvent) => void>();
/** The part of a service that the socket's own rules need; the whole is under test end to end. */
const api = {
  hello: async ({ api: version }: { api: number }) => {
    if (version !== 1) throw new ParleyError("api-version", "Another version.");
    return {};
  },
  leave: async ({ room }: { room: string }) => {
    if (room === "slow") await new Promise((resolve) => setTimeout(resolve, 50));
    if (room === "other")
      throw new ParleyError("not-joined", "You are not in #other.", { hint: "Join it." });
    return { room };
  },
  subscribe: (listener: (event: AppEvent) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
} as unknown as ParleyApi;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "parley-socket-")), "s");
  const logger = { debug: silent, info: silent, warn: silent };
  server = await SocketServer.listen({
    path,
    logger,
    api: () => Promise.resolve(api),
    clientsChanged: silent,
  });
});
afterEach(async () => {
  await server.close(false);
  await rm(join(path, ".."), { recursive: true });
});

/** Talks line by line, as any program may. */
async function raw(): Promise<{ socket: Socket; lines: Record<string, unknown>[] }> {
  const socket = connect(path);
  socket.on("error", silent);
  const lines: Record<string, unknown>[] = [];
  let rest = "";
  socket.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  return { socket, lines };
}

describe("the socket", () => {
  it("SOCKET-1 SOCKET-3 is its owner's alone, answers in order, and carries errors whole", async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const session = await connectSocket(path, "test");
    expect(await session?.api.leave({ room: "lobby" })).toEqual({ room: "lobby" });
    await expect(session?.api.leave({ room: "other" })).rejects.toMatchObject({
      code: "not-joined",
      message: "You are not in #other.",
      hint: "Join it.",
    });
    await session?.close();
    const { socket, lines } = await raw();
    socket.write('{"jsonrpc":"2.0","id":1,"method":"hello","params":{"client":"x","api":99}}\n');
    await until("the answer", () => lines.length === 1);
    expect(lines[0]).toMatchObject({
      id: 1,
      error: { code: -32_000, data: { code: "api-version" } },
    });
    socket.destroy();
  });

  it("SOCKET-2 refuses what does not fit, however the bytes are cut", async () => {
    const { socket, lines } = await raw();
    const text =
      'nonsense\n[1]\n{"id":1,"method":"nope"}\n{"id":2,"method":"leave","params":{"room":7}}\n{"id":3,"method":"leave","params":{"room":"ü"}}\n';
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + randomInt(9);
      socket.write(bytes.subarray(at, end));
      at = end;
    }
    await until("five answers", () => lines.length === 5);
    const codes = lines.map(
      ({ error, result }) => (error as { code: number } | undefined)?.code ?? result,
    );
    expect(codes).toEqual(expect.arrayContaining([-32_700, -32_601, -32_602, { room: "ü" }]));
    socket.destroy();
  });

  it("SOCKET-4 tells events between subscribe and unsubscribe", async () => {
    const session = await connectSocket(path, "test");
    const heard: AppEvent[] = [];
    const stop = session?.api.subscribe((event) => heard.push(event));
    await until("the server listens", () => listeners.size === 1);
    for (const listener of listeners) listener({ type: "left", room: "#lobby" });
    await until("it is heard", () => heard.length === 1);
    stop?.();
    await until("the server has stopped", () => listeners.size === 0);
    await session?.close();
  });

  it("SOCKET-5 answers what was taken when it ends, and says that it took nothing after", async () => {
    const session = await connectSocket(path, "test");
    const taken = session?.api.leave({ room: "slow" });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const closing = server.close(true);
    expect(await taken).toEqual({ room: "slow" });
    await closing;
    await expect(session?.api.leave({ room: "late" })).rejects.toMatchObject({
      code: "node-closing",
    });
    expect(await connectSocket(path, "test")).toBeUndefined();
  });

  it("SOCKET-6 a line beyond the bound ends that client alone", async () => {
    const other = await connectSocket(path, "test");
    const { socket } = await raw();
    let closed = false;
    socket.on("close", () => (closed = true));
    socket.write(Buffer.alloc(4 * 1024 * 1024 + 10, 0x61));
    await until("it is cut off", () => closed);
    expect(await other?.api.leave({ room: "lobby" })).toEqual({ room: "lobby" });
    await other?.close();
  });

  it("SOCKET-7 is not spoken through what belongs to another user", async () => {
    await refuseForeign(path);
    let foreign = "/";
    if (process.getuid?.() === 0) {
      foreign = join(path, "../foreign");
      await writeFile(foreign, "");
      await chown(foreign, 12_345, 12_345);
    }
    await expect(refuseForeign(foreign)).rejects.toMatchObject({ code: "file-foreign" });
    await expect(connectSocket(foreign, "test")).rejects.toMatchObject({ code: "file-foreign" });
  });
});
