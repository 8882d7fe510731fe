import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HtmlWriter } from "../../../../cli/files/html.ts";
import { MarkdownWriter } from "../../../../cli/files/markdown.ts";
import type { ExportedEvent, ExportPage } from "../../../../src/app/transfer-api.ts";

const HOSTILE = [
  "<script>alert(1)</script>",
  "</p></article><img src=x onerror=alert(1)>",
  `"><svg onload='x'>`,
  "&lt;b&gt; &amp; &#60;",
  "</style><style>*{display:none}",
  "<!-- ",
  "]]> <?php",
  "`x` ```\n# heading\n- list\n1. one\n> quote\n---\n===\n    code\n| a | b |",
  "[link](javascript:alert(1)) ![](http://example.org/x.png) <http://example.org> **bold** _it_ ~~no~~ $x$",
  "\\*not\\* &copy;",
];

function page(texts: readonly string[]): ExportPage {
  const events = texts.flatMap((text, i): ExportedEvent[] =>
    (["text", "action", "name"] as const).map((kind) => ({
      id: `${i}`.padStart(64, "0"),
      author: "ab".repeat(32),
      wire: "",
      time: `2026-11-2${i % 3}T09:30:00.000Z`,
      kind,
      name: text.replaceAll("\n", " "),
      text: kind === "text" ? text : text.replaceAll("\n", " "),
    })),
  );
  return {
    room: "#lobby",
    roomId: "00",
    network: "<i>net</i>",
    total: 9,
    events,
    certificates: [],
  };
}

function written(writer: HtmlWriter | MarkdownWriter, texts: readonly string[]): string {
  const given = page(texts);
  return writer.begin(given) + writer.page(given) + writer.end();
}

test("EXPORT-10 of hostile texts nothing is markup in HTML: the tags are those of harmless ones", () => {
  const harmless = written(
    new HtmlWriter(),
    HOSTILE.map(() => "hello"),
  );
  const hostile = written(new HtmlWriter(), HOSTILE);
  const tags = (html: string): string[] => html.match(/<[^>]*>/g) ?? [];
  expect(tags(hostile)).toEqual(tags(harmless));
  // Outside of tags only our own entities.
  const body = hostile.slice(hostile.indexOf("<body>")).replaceAll(/<[^>]*>/g, "");
  expect(body.match(/&(?!(amp|lt|gt|quot|#39|#96);)/g)).toBe(null);
  expect(body).toContain("&amp;lt;b&amp;gt;");
});

test("EXPORT-10 the page forbids itself everything but its own style", () => {
  const html = written(new HtmlWriter(), ["hello"]);
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(policy).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
  expect(html).not.toMatch(/<(script|link|img|iframe|a|form)\b|\son\w+=|\sstyle=|javascript:/);
  expect(style).toContain("color-scheme: light dark");
});

test("EXPORT-10 of hostile texts nothing is markup in Markdown", () => {
  const markdown = written(new MarkdownWriter(), HOSTILE);
  // What is left when every escaped sign is but a letter: our headings, names in bold, and plain words.
  const left = markdown.replaceAll(/\\[!-/:-@[-`{-~]/g, "x");
  expect(left.replaceAll("**", "")).not.toMatch(/[`*_[\]<>&~|$\\]/);
  for (const line of left.split("\n")) {
    if (/^(# xlobby|## 2026-11-2\d)$/.test(line)) continue;
    expect.soft(line).not.toMatch(/^( {4}|\t|#|[-+=]|\d{1,9}[.)])/);
  }
  expect(markdown).toContain("## 2026-11-20\n");
});

test("a message of several lines stays one", () => {
  const markdown = written(new MarkdownWriter(), ["one\n\n  two"]);
  expect(markdown).toContain("**one    two** 09:30  \none  \n  \n\u00a0\u00a0two\n");
  expect(written(new HtmlWriter(), ["one\n\n  two"])).toContain('<p dir="auto">one\n\n  two</p>');
});
