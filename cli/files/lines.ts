/** The lines of a file of any size, one at a time. */
import { fromUtf8 } from "../../src/core/codec/bytes.ts";

export interface FileLine {
  /** 1 for the first. */
  readonly number: number;
  /** Undefined for a line that is too long or no UTF-8. */
  readonly text: string | undefined;
  /** Bytes up to its end. */
  readonly endBytes: number;
}

const LINE_FEED = 10;

/** Blank lines are passed over and counted. A line beyond `maxBytes` is never held in memory whole. */
export async function* fileLines(
  chunks: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): AsyncGenerator<FileLine> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  let endBytes = 0;
  const take = (): FileLine => {
    const text = length > maxBytes ? undefined : decoded(Buffer.concat(parts));
    parts = [];
    length = 0;
    return { number: number++, text, endBytes };
  };
  for await (const chunk of chunks) {
    let rest = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    for (let end = rest.indexOf(LINE_FEED); ; end = rest.indexOf(LINE_FEED)) {
      const part = end < 0 ? rest : rest.subarray(0, end);
      length += part.length;
      if (length <= maxBytes) parts.push(part);
      else parts = [];
      endBytes += part.length + (end < 0 ? 0 : 1);
      if (end < 0) break;
      const line = take();
      if (line.text?.trim() !== "") yield line;
      rest = rest.subarray(end + 1);
    }
  }
  if (length > 0) {
    const line = take();
    if (line.text?.trim() !== "") yield line;
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
}
