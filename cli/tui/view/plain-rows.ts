/**
 * Puts together the rows of a frame where no two texts overlap and nothing is clipped, as on our screen: each text is brought into its
 * form once, not cell by cell for every frame. The build puts it into Ink (scripts/ink-memory.mjs, ADR 129).
 */

/** What of Ink's output it needs. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly operations: readonly Operation[];
  readonly caches: {
    /** Kept from frame to frame; the same array for the same text. */
    getStyledChars(text: string): readonly Cell[];
    getStringWidth(text: string): number;
  };
}

export interface Operation {
  readonly type: string;
  readonly x?: number;
  readonly y?: number;
  readonly text?: string;
  readonly transformers?: readonly ((line: string, index: number) => string)[];
}

export interface Cell {
  readonly value: string;
}

interface Piece {
  readonly text: string;
  readonly width: number;
}

const pieces = new WeakMap<readonly Cell[], Piece>();

/** The rows, or undefined where this frame needs Ink's own way. @param toText makes a text of cells */
export function plainRows(
  frame: Frame,
  toText: (cells: readonly Cell[]) => string,
): string[] | undefined {
  const rows: (Piece & { readonly x: number })[][] = Array.from({ length: frame.height }, () => []);
  for (const { type, x = -1, y = -1, text = "\n", transformers = [] } of frame.operations) {
    const row = rows[y];
    if (type !== "write" || !row || x < 0 || text.includes("\n")) return undefined;
    const line = transformers.reduce((changed, transform) => transform(changed, 0), text);
    const piece = pieceOf(frame, line, toText);
    if (x + piece.width > frame.width) return undefined;
    row.push({ ...piece, x });
  }
  const lines: string[] = [];
  for (const row of rows) {
    let line = "";
    let end = 0;
    for (const { x, text, width } of row.sort((a, b) => a.x - b.x)) {
      if (x < end) return undefined;
      line += " ".repeat(x - end) + text;
      end = x + width;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

function pieceOf(
  { caches }: Frame,
  line: string,
  toText: (cells: readonly Cell[]) => string,
): Piece {
  const cells = caches.getStyledChars(line);
  let piece = pieces.get(cells);
  if (!piece) {
    const widths = cells.map(({ value }) => Math.max(1, caches.getStringWidth(value)));
    piece = {
      text: toText(cells),
      width: widths.reduce((sum, width) => sum + width, 0),
    };
    pieces.set(cells, piece);
  }
  return piece;
}
