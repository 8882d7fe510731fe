/** Tells systemd (`Type=notify`) that the node is ready, or about to end. Elsewhere it does nothing. */
import { execFile } from "node:child_process";

export function tellServiceManager(
  state: "READY=1" | "STOPPING=1",
  environment: NodeJS.ProcessEnv,
): void {
  if (!environment.NOTIFY_SOCKET) return;
  // Node has no datagrams over unix sockets; systemd brings the tool along.
  execFile("systemd-notify", [state], () => undefined);
}
