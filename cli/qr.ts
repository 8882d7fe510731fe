import type { Context } from "./context.ts";
import { qrLines } from "./tui/qr.ts";

/** Draws a text as a QR code where the window is wide enough. */
export async function showQr({ out }: Context, text: string): Promise<void> {
  const lines = qrLines(text);
  if ((lines[0]?.length ?? 0) > (process.stdout.columns ?? 80))
    return out.say("The window is too narrow for the QR code.");
  for (const line of lines) await out.line(line);
}
