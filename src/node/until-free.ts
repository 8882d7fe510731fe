/** Before a node starts: is there one already, or only a command that has the store open for a moment? */
import { ParleyError } from "../core/codec/errors.ts";
import type { Profile } from "./profile.ts";
import { connectSocket, type SocketSession } from "./socket-client.ts";

/** As long as a command waits for a locked store. */
const PATIENCE_MS = 5_000;

/**
 * Resolves when nobody serves the profile. @param waiting told once, when a command is waited for
 * @throws ParleyError `node-running`
 */
export async function untilFree(
  { paths, network }: Profile,
  waiting: () => void = () => undefined,
): Promise<void> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (let told = false; ; told = true) {
    const session = await connectSocket(paths.socket, "parley", network);
    if (!session) return;
    const leftMs = untilMs - Date.now();
    if (!session.passing || leftMs <= 0) {
      await session.close();
      throw new ParleyError("node-running", "A node runs for this profile already.", {
        hint: "{parley status} shows it, {parley stop} ends it.",
      });
    }
    if (!told) waiting();
    await closed(session, leftMs);
  }
}

/** Resolves when the other side is done, or has not been for so long. */
async function closed(session: SocketSession, patienceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, patienceMs);
  const unsubscribe = session.api.subscribe(({ type }) => {
    if (type === "closed") resolve();
  });
  await promise;
  clearTimeout(timer);
  unsubscribe();
  await session.close();
}
