import type { PersonInfo } from "../people-api.ts";
import { VERIFIED_MARK } from "../../core/text/marks.ts";

/** What is noted of somebody, in words. */
export function personMarks(person: PersonInfo): string[] {
  const { name, claimed, verified, ignored, blocked, confusable } = person;
  return [
    ...(verified ? [`${VERIFIED_MARK} verified by ${WAYS[verified.by]}`] : []),
    ...(claimed !== undefined && claimed !== name ? [`calls themself ${claimed}`] : []),
    ...(confusable ? ["a look-alike of another name"] : []),
    ...(blocked ? ["blocked"] : []),
    ...(ignored ? ["ignored"] : []),
  ];
}

const WAYS = {
  number: "safety number",
  code: "QR code",
  emoji: "emoji",
  word: "your word",
} as const;
