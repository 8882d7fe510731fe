/** The line editor: pure, by grapheme, with readline's keys. The cursor always stands on a grapheme boundary. */
export interface Editor {
  readonly text: string;
  /** Index into `text`, in UTF-16 units. */
  readonly cursor: number;
  /** What Ctrl+W, Ctrl+U and Alt+D took last, for Ctrl+Y. */
  readonly killed: string;
}

export const EMPTY: Editor = { text: "", cursor: 0, killed: "" };
const TEXT_MAX_CHARACTERS = 64 * 1024;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const words = new Intl.Segmenter(undefined, { granularity: "word" });

export function insert(editor: Editor, text: string): Editor {
  if (editor.text.length + text.length > TEXT_MAX_CHARACTERS) return editor;
  const joined = editor.text.slice(0, editor.cursor) + text + editor.text.slice(editor.cursor);
  // What is inserted may join with what follows, such as a combining mark.
  return {
    ...editor,
    text: joined,
    cursor: boundaryAtOrAfter(joined, editor.cursor + text.length),
  };
}

export function moveTo(editor: Editor, cursor: number): Editor {
  return {
    ...editor,
    cursor: boundaryAtOrAfter(editor.text, Math.max(0, Math.min(cursor, editor.text.length))),
  };
}

export const left = (editor: Editor): Editor => ({
  ...editor,
  cursor: before(editor.text, editor.cursor),
});
export const right = (editor: Editor): Editor => ({
  ...editor,
  cursor: after(editor.text, editor.cursor),
});
export const wordLeft = (editor: Editor): Editor => moveTo(editor, wordBefore(editor));
export const wordRight = (editor: Editor): Editor => moveTo(editor, wordAfter(editor));
export const lineStart = (editor: Editor): Editor => moveTo(editor, startOfLine(editor));
export const lineEnd = (editor: Editor): Editor => moveTo(editor, endOfLine(editor));

export const backspace = (editor: Editor): Editor =>
  cut(editor, before(editor.text, editor.cursor), editor.cursor, false);
export const deleteRight = (editor: Editor): Editor =>
  cut(editor, editor.cursor, after(editor.text, editor.cursor), false);
export const killWordLeft = (editor: Editor): Editor =>
  cut(editor, wordBefore(editor), editor.cursor, true);
export const killWordRight = (editor: Editor): Editor =>
  cut(editor, editor.cursor, wordAfter(editor), true);
export const killToStart = (editor: Editor): Editor =>
  cut(editor, startOfLine(editor), editor.cursor, true);
export const yank = (editor: Editor): Editor => insert(editor, editor.killed);

/** The line the cursor is in, counted from 0, and how many there are. */
export function lineOf(editor: Editor): { line: number; lines: number } {
  return {
    line: editor.text.slice(0, editor.cursor).split("\n").length - 1,
    lines: editor.text.split("\n").length,
  };
}

/** Up or down by a line; the same editor when there is none. */
export function moveLine(editor: Editor, by: -1 | 1): Editor {
  const lines = editor.text.split("\n");
  const { line } = lineOf(editor);
  const target = lines[line + by];
  if (target === undefined) return editor;
  const column = editor.cursor - startOfLine(editor);
  const start = lines.slice(0, line + by).reduce((sum, each) => sum + each.length + 1, 0);
  return moveTo(editor, start + Math.min(column, target.length));
}

function cut(editor: Editor, from: number, to: number, kill: boolean): Editor {
  if (from === to) return editor;
  const text = editor.text.slice(0, from) + editor.text.slice(to);
  const killed = kill ? editor.text.slice(from, to) : editor.killed;
  return { text, cursor: boundaryAtOrAfter(text, from), killed };
}

function boundaryAtOrAfter(text: string, index: number): number {
  for (const { index: start, segment } of graphemes.segment(text)) {
    if (start >= index) return start;
    if (start + segment.length > index) return start + segment.length;
  }
  return text.length;
}

function before(text: string, index: number): number {
  let found = 0;
  for (const { index: start } of graphemes.segment(text)) {
    if (start >= index) break;
    found = start;
  }
  return found;
}

function after(text: string, index: number): number {
  const segment = graphemes.segment(text).containing(index);
  return segment ? segment.index + segment.segment.length : text.length;
}

function startOfLine({ text, cursor }: Editor): number {
  return text.lastIndexOf("\n", cursor - 1) + 1;
}

function endOfLine({ text, cursor }: Editor): number {
  const end = text.indexOf("\n", cursor);
  return end < 0 ? text.length : end;
}

function wordBefore({ text, cursor }: Editor): number {
  let found = 0;
  for (const { index, isWordLike } of words.segment(text)) {
    if (index >= cursor) break;
    if (isWordLike) found = index;
  }
  return found;
}

function wordAfter({ text, cursor }: Editor): number {
  for (const { index, segment, isWordLike } of words.segment(text)) {
    const end = index + segment.length;
    if (isWordLike && end > cursor) return end;
  }
  return text.length;
}
