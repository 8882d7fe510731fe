/** JSON-RPC 2.0, one object a line, over a socket (docs/spec/socket.md): framing, bounds and errors. */
import type { Socket } from "node:net";
import { isParleyError, ParleyError } from "../core/codec/errors.ts";
import { SOCKET_BUFFER_MAX_BYTES, SOCKET_LINE_MAX_BYTES } from "../core/codec/limits.ts";

export interface RpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  /** The stable code and the mend of a ParleyError. */
  readonly data?: { readonly code: string; readonly hint?: string };
}

export type RpcMessage =
  | RpcRequest
  | { readonly jsonrpc: "2.0"; readonly id: number; readonly result: unknown }
  | { readonly jsonrpc: "2.0"; readonly id: number | null; readonly error: RpcError }
  /** "closing": no request after the last answer was taken. */
  | { readonly jsonrpc: "2.0"; readonly method: "event" | "closing"; readonly params: unknown };

/** Codes of the JSON-RPC specification; every ParleyError is SERVER_ERROR. */
export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const METHOD_NOT_FOUND = -32_601;
export const INVALID_PARAMS = -32_602;
export const SERVER_ERROR = -32_000;

export function rpcErrorOf(error: unknown): RpcError {
  if (isParleyError(error)) {
    const data =
      error.hint === undefined ? { code: error.code } : { code: error.code, hint: error.hint };
    return { code: SERVER_ERROR, message: error.message, data };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: SERVER_ERROR,
    message: `Something went wrong inside: ${message}`,
    data: { code: "internal" },
  };
}

export function parleyErrorOf({ message, data }: RpcError): ParleyError {
  return new ParleyError(
    data?.code ?? "internal",
    message,
    data?.hint === undefined ? {} : { hint: data.hint },
  );
}

/** Writes a message; a reader too slow to keep up is cut off rather than buffered without a bound. */
export function sendMessage(socket: Socket, message: RpcMessage): void {
  if (socket.destroyed) return;
  socket.write(`${JSON.stringify(message)}\n`);
  if (socket.writableLength > SOCKET_BUFFER_MAX_BYTES)
    socket.destroy(new Error("the client does not read"));
}

/** Calls `take` for each line; ends the socket when one is too long. */
export function readLines(socket: Socket, take: (line: string) => void): void {
  let pending: Buffer[] = [];
  let length = 0;
  socket.on("data", (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...pending, rest.subarray(0, end)]).toString("utf8");
      pending = [];
      length = 0;
      rest = rest.subarray(end + 1);
      if (line.trim() !== "") take(line);
    }
    if (rest.length > 0) pending.push(rest);
    length += rest.length;
    if (length > SOCKET_LINE_MAX_BYTES) socket.destroy(new Error("a line beyond the bound"));
  });
}

/** The object of a line, or undefined when it is none. */
export function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
