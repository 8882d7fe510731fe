/** A QR code as lines of text: two rows of the code make one line, and capitals make it smaller. */
import { encodeQR } from "qr";

export function qrLines(text: string): string[] {
  const code = encodeQR(text.toUpperCase(), "raw", { ecc: "low", border: 2 });
  return Array.from({ length: Math.ceil(code.length / 2) }, (_, line) =>
    (code[2 * line] ?? [])
      .map((top, x) => {
        const bottom = code[2 * line + 1]?.[x] ?? false;
        // Dark on light whatever the colours of the terminal: light is what is drawn.
        return top ? (bottom ? " " : "▄") : bottom ? "▀" : "█";
      })
      .join(""),
  );
}
