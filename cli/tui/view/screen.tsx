/** The screen: room list, timeline, composer, status line. Mounts what is visible and nothing else. */
import { Box, Text, useCursor, useWindowSize } from "ink";
import { useEffect, useState } from "react";
import stringWidth from "string-width";
import { roomTitle } from "../../../src/app/words.ts";
import { type Controller, linesIn } from "../controller.ts";
import type { Line } from "../timeline/layout.ts";
import { RoomList, roomListWidth } from "./room-list.tsx";
import { SearchList, searchPrompt, searchRows } from "./search-list.tsx";
import { StatusLine } from "./status-line.tsx";
import { TextLine } from "./text-line.tsx";

/** Below this a single pane is shown. */
const SINGLE_PANE_COLUMNS = 60;
const COMPOSER_MAX_ROWS = 8;
const PROMPT = "› ";

export function Screen({ controller }: { readonly controller: Controller }) {
  const { columns, rows } = useWindowSize();
  useChanges(controller);
  const { client, mode } = controller;
  const side = columns < SINGLE_PANE_COLUMNS ? 0 : roomListWidth(client.order);
  const width = columns - side;
  const composer = composerLines(controller, width);
  const { results, landed } = client.search;
  const overlay = overlayRows(controller, rows);
  const timelineRows = Math.max(1, rows - composer.lines.length - 1 - overlay);
  controller.resize(timelineRows, width);
  const visible = client.view.window.visible(timelineRows, width);
  const { setCursorPosition } = useCursor();
  setCursorPosition(
    results
      ? { x: side + stringWidth(searchPrompt(results, client.current)), y: timelineRows }
      : { x: side + composer.column, y: timelineRows + overlay + composer.row },
  );
  const picked = mode.type === "pick" ? mode.id : landed;
  return (
    <Box width={columns} height={rows}>
      {side > 0 && (
        <RoomList rooms={client.order} current={client.current} width={side} rows={rows} />
      )}
      <Box flexDirection="column" width={width} height={rows}>
        <Box flexDirection="column" height={timelineRows} justifyContent="flex-end">
          {visible.map(({ key, line, item }) => (
            <TextLine
              key={key}
              line={line}
              inverse={picked !== undefined && item?.key === picked}
            />
          ))}
        </Box>
        {results && (
          <SearchList results={results} room={client.current} rows={overlay} width={width} />
        )}
        {!results && mode.type === "switch" && <Switcher controller={controller} rows={overlay} />}
        {composer.lines.map((line, i) => (
          <TextLine key={`composer-${i}`} line={line} inverse={false} />
        ))}
        <StatusLine controller={controller} width={width} />
      </Box>
    </Box>
  );
}

/** Rows of what is shown between timeline and composer. */
function overlayRows(controller: Controller, rows: number): number {
  const { mode } = controller;
  const { results } = controller.client.search;
  if (results) return searchRows(results, rows);
  return mode.type === "switch"
    ? Math.min(8, Math.max(1, controller.found(mode.query).length)) + 1
    : 0;
}

/** Draws again after a change; changes of the same turn are drawn once. */
function useChanges(controller: Controller): void {
  const [, draw] = useState(0);
  useEffect(() => {
    let waiting = false;
    controller.client.onChange(() => {
      if (waiting) return;
      waiting = true;
      queueMicrotask(() => {
        waiting = false;
        draw((count) => count + 1);
      });
    });
  }, [controller]);
}

function Switcher({
  controller,
  rows,
}: {
  readonly controller: Controller;
  readonly rows: number;
}) {
  const { mode } = controller;
  if (mode.type !== "switch") return null;
  const found = controller.found(mode.query).slice(0, rows - 1);
  return (
    <Box flexDirection="column" height={rows}>
      <Text color="cyan">{`Go to room: ${mode.query}▏`}</Text>
      {found.length === 0 && <Text dimColor>No room fits. Enter or Esc goes back.</Text>}
      {found.map(({ info }, i) => (
        <Text
          key={info.room}
          inverse={i === mode.chosen}
        >{` ${roomTitle(info)}${info.unread > 0 ? ` (${info.unread})` : ""}`}</Text>
      ))}
    </Box>
  );
}

/** The composer's lines, at most a few, and where the cursor stands in them. */
function composerLines(
  controller: Controller,
  width: number,
): { lines: Line[]; row: number; column: number } {
  const { mode, editor } = controller;
  if (mode.type === "paste") {
    const count = linesIn(mode.text);
    const text = `Paste ${count} lines? Enter or y pastes them, any other key does not.`;
    return { lines: [[{ text: text.slice(0, width), color: "yellow" }]], row: 0, column: 0 };
  }
  const inner = Math.max(4, width - PROMPT.length - 1);
  const rows = brokenRows(editor.text, inner);
  let row = rows.findLastIndex(({ start }) => start <= editor.cursor);
  row = Math.max(0, row);
  const begin = rows[row]?.start ?? 0;
  const column = PROMPT.length + stringWidth(editor.text.slice(begin, editor.cursor));
  const first = Math.max(0, Math.min(row - COMPOSER_MAX_ROWS + 1, rows.length - COMPOSER_MAX_ROWS));
  const shown = rows.slice(first, first + COMPOSER_MAX_ROWS);
  const lines = shown.map(({ text }, i): Line => [
    { text: first + i === 0 ? PROMPT : "  ", color: "cyan" },
    { text: text || " " },
  ]);
  return { lines, row: row - first, column: Math.min(column, width - 1) };
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Rows of a text broken at every `width` cells, with the index each begins at. */
function brokenRows(text: string, width: number): { text: string; start: number }[] {
  const rows = [{ text: "", start: 0 }];
  let used = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    const cells = stringWidth(segment);
    if (segment === "\n" || used + cells > width) {
      rows.push({
        text: segment === "\n" ? "" : segment,
        start: segment === "\n" ? index + 1 : index,
      });
      used = segment === "\n" ? 0 : cells;
      continue;
    }
    (rows.at(-1) as { text: string }).text += segment;
    used += cells;
  }
  return rows;
}
