import { styleText } from "node:util";
import { Text } from "ink";
import { memo } from "react";
import type { Line, Segment } from "../timeline/layout.ts";

/** One line of segments, drawn anew only when it is another. A string costs less than a component for each segment. */
export const TextLine = memo(function TextLine(props: {
  readonly line: Line;
  readonly inverse: boolean;
}) {
  const { line, inverse } = props;
  return (
    <Text wrap="truncate-end" inverse={inverse}>
      {line.map(styled).join("")}
    </Text>
  );
});

function styled({ text, color, dim, bold, inverse }: Segment): string {
  const formats = [
    ...(color === undefined ? [] : [color]),
    ...(dim === true ? ["dim"] : []),
    ...(bold === true ? ["bold"] : []),
    ...(inverse === true ? ["inverse"] : []),
  ];
  return formats.length === 0 ? text : styleText(formats as Parameters<typeof styleText>[0], text);
}
