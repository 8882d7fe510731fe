/**
 * A room as one HTML page, light and dark. Nothing in it can run or load: everything foreign is escaped, and the page
 * forbids itself all but its own style, should an escape ever be missed. Times are UTC.
 */
import { createHash } from "node:crypto";
import type { ExportedEvent, ExportPage } from "../../src/app/transfer-api.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 0 auto; padding: 1rem; color: light-dark(#1b1b1b, #e4e4e4); background: light-dark(#fff, #16181a) }
h1 { margin: 0 } header p, time, .note { color: light-dark(#5c5c5c, #a0a0a0); font-size: .85rem }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; border-bottom: 1px solid light-dark(#ddd, #333) }
article { margin: .5rem 0 } article p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
b { margin-right: .5rem }
.c0 { color: light-dark(#a31515, #ff8b8b) } .c1 { color: light-dark(#1d6b1d, #86d986) } .c2 { color: light-dark(#7a5b00, #e0c060) }
.c3 { color: light-dark(#1746a2, #8fb4ff) } .c4 { color: light-dark(#8a1f8a, #f09af0) } .c5 { color: light-dark(#00666b, #70d6db) }
`;
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;
const COLORS = 6;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

export class HtmlWriter {
  #day = "";

  begin({ room, network }: ExportPage): string {
    return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escaped(room)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1><bdi>${escaped(room)}</bdi></h1><p>Network <bdi>${escaped(network)}</bdi> · times are UTC</p></header>
<main>
`;
  }

  page({ events }: ExportPage): string {
    return events.map((event) => this.#event(event)).join("");
  }

  end(): string {
    return "</main>\n</body>\n</html>\n";
  }

  #event({ id, author, kind, name = "", text = "", time }: ExportedEvent): string {
    if (kind === undefined) return "";
    const day = time.slice(0, 10);
    const heading = day === this.#day ? "" : `<h2>${escaped(day)}</h2>\n`;
    this.#day = day;
    const color = Number.parseInt(author.slice(0, 8), 16) % COLORS;
    const who = `<b class="c${color}"><bdi>${escaped(name)}</bdi></b>`;
    const when = `<time datetime="${escaped(time)}">${escaped(time.slice(11, 16))}</time>`;
    const what = `<bdi>${escaped(text)}</bdi>`;
    const said = {
      text: `${who}${when}<p dir="auto">${escaped(text)}</p>`,
      action: `<p>* ${who}${what} ${when}</p>`,
      name: `<p class="note">${who}is called ${what} ${when}</p>`,
    }[kind];
    return `${heading}<article id="m${escaped(id)}">${said}</article>\n`;
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (sign) => ENTITIES[sign] as string);
}
