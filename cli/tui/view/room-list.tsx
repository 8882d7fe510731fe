import { Box, Text } from "ink";
import stringWidth from "string-width";
import type { RoomInfo } from "../../../src/app/api.ts";
import { roomTitle } from "../../../src/app/words.ts";
import type { RoomView } from "../room-view.ts";

const WIDTH_MIN = 12;
const WIDTH_MAX = 24;

export function roomListWidth(rooms: readonly RoomView[]): number {
  const longest = Math.max(0, ...rooms.map(({ info }) => stringWidth(roomTitle(info))));
  return Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, longest + 8));
}

/** The rooms, with their activity by sign and by colour. */
export function RoomList(props: {
  readonly rooms: readonly RoomView[];
  readonly current: string;
  readonly width: number;
  readonly rows: number;
}) {
  const { rooms, current, width, rows } = props;
  const at = rooms.findIndex(({ info }) => info.room === current);
  const first = Math.max(0, Math.min(at - Math.floor(rows / 2), rooms.length - rows));
  return (
    <Box flexDirection="column" width={width} height={rows}>
      {rooms.slice(first, first + rows).map(({ info }, i) => (
        <Text
          key={info.room}
          wrap="truncate-end"
          bold={info.room === current}
          {...colorOf(info, info.room === current)}
        >
          {`${shortcut(first + i)} ${signOf(info)}${roomTitle(info)}${info.unread > 0 ? ` ${info.unread}` : ""}`}
        </Text>
      ))}
    </Box>
  );
}

function shortcut(place: number): string {
  return place < 9 ? String(place + 1) : place === 9 ? "0" : " ";
}

/** "!" somebody named me, "+" there is news. */
function signOf({ mentions, unread }: RoomInfo): string {
  return mentions > 0 ? "!" : unread > 0 ? "+" : " ";
}

function colorOf(
  { mentions, unread }: RoomInfo,
  current: boolean,
): { color?: string; dimColor?: boolean } {
  if (mentions > 0) return { color: "magenta" };
  if (unread > 0) return { color: "yellow" };
  return current ? { color: "cyan" } : { dimColor: true };
}
