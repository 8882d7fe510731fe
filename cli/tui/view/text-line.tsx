import { Text } from "ink";
import type { Line } from "../timeline/layout.ts";

/** One line of segments. */
export function TextLine({ line, inverse }: { readonly line: Line; readonly inverse: boolean }) {
  return (
    <Text wrap="truncate-end" inverse={inverse}>
      {line.map((segment, i) => (
        <Text
          key={i}
          {...(segment.color === undefined ? {} : { color: segment.color })}
          dimColor={segment.dim === true}
          bold={segment.bold === true}
          inverse={inverse || segment.inverse === true}
        >
          {segment.text}
        </Text>
      ))}
    </Text>
  );
}
