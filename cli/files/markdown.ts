/** A room as Markdown, to be read and searched by people. Times are UTC. */
import type { ExportedEvent, ExportPage } from "../../src/app/transfer-api.ts";

/** What Markdown would take for its own inside a line. */
const SPECIAL = /[\\`*_[\]<>&~|$]/g;
/** What it would take for its own at the beginning of one: headings, lists, quotes, rules. */
const BEGINNING = /^(\d{1,9})?([#+\-=.)])/;

export class MarkdownWriter {
  #day = "";

  begin({ room, network }: ExportPage): string {
    return `# ${escaped(room)}\n\nNetwork ${escaped(network)} · times are UTC\n`;
  }

  page({ events }: ExportPage): string {
    return events.map((event) => this.#event(event)).join("");
  }

  end(): string {
    return "";
  }

  #event({ kind, name = "", text = "", time }: ExportedEvent): string {
    if (kind === undefined) return "";
    const day = time.slice(0, 10);
    const clock = time.slice(11, 16);
    const heading = day === this.#day ? "" : `\n## ${day}\n`;
    this.#day = day;
    const who = `**${escaped(name)}**`;
    const said = {
      text: `${who} ${clock}  \n${paragraph(text)}`,
      action: `\\* ${who} ${escaped(text).replaceAll("\n", " ")} ${clock}`,
      name: `— ${who} is called ${escaped(text)} ${clock}`,
    }[kind];
    return `${heading}\n${said}\n`;
  }
}

/** Each line of a message stays a line. */
function paragraph(text: string): string {
  return text
    .split("\n")
    .map((line) => escapedLine(line))
    .join("  \n");
}

function escapedLine(line: string): string {
  // Four spaces would make code of it.
  const blank = line.length - line.trimStart().length;
  return "\u00a0".repeat(blank) + escaped(line.slice(blank));
}

function escaped(text: string): string {
  return text
    .replace(SPECIAL, "\\$&")
    .replace(
      BEGINNING,
      (_, number: string | undefined, sign: string) => `${number ?? ""}\\${sign}`,
    );
}
