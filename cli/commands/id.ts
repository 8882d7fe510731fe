import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { table } from "../table.ts";

export async function id(context: Context): Promise<number> {
  const api = await openStore(context);
  const identity = await api.identity();
  const lines = table([
    ["name", identity.name],
    ["fingerprint", identity.fingerprint],
    ["peer id", identity.peerId],
    ["identity", identity.author],
    ["device", identity.device],
    ["profile", identity.profile],
    ["network", identity.network],
  ]);
  await context.out.either("identity", identity, lines.join("\n"));
  return DONE;
}
