/** Protocols beside sync: who answers them, and where. */
import type { FrameStream, Transport } from "../../core/interfaces.ts";

export type Answer = (stream: FrameStream) => Promise<void>;

/** What fails ends its stream, and nothing else. @param answer null: nobody answers any more */
export async function serveOn(
  transport: Transport | undefined,
  protocol: string,
  answer: Answer | null,
): Promise<void> {
  const taken = (stream: FrameStream): void => {
    answer?.(stream).catch(() => stream.abort("not answered"));
  };
  await transport?.serve?.(protocol, answer && taken);
}
