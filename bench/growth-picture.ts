/** How cost grows, as a picture: one small chart a curve, both axes logarithmic, so that a flat line is a flat cost. */
import type { Series } from "./works/growth.ts";

const WIDTH = 250;
const HEIGHT = 130;
const COLUMNS = 4;
const MARGIN = { left: 12, top: 40, right: 40, bottom: 24 };

export function growthPicture(series: readonly Series[]): string {
  const drawn = series.filter(({ points }) => points.length > 1);
  const rows = Math.ceil(drawn.length / COLUMNS);
  const charts = drawn.map((each, i) => {
    const [x, y] = [(i % COLUMNS) * WIDTH, Math.floor(i / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x} ${y})">${chart(each)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH * COLUMNS} ${HEIGHT * rows}" font-family="sans-serif" font-size="9">`,
    "<style>text{fill:#444}path{stroke:#2b6cb0;fill:none;stroke-width:1.5}circle{fill:#2b6cb0}line{stroke:#ccc}",
    "@media(prefers-color-scheme:dark){text{fill:#ccc}line{stroke:#555}}</style>",
    ...charts,
    "</svg>\n",
  ].join("\n");
}

function chart({ title, unit, over, points }: Series): string {
  const sizes = points.map(([size]) => Math.log10(size));
  const values = points.map(([, value]) => Math.log10(Math.max(value, 0.001)));
  const lowest = Math.min(...values);
  // At least a factor of ten is shown, so that noise on a flat line does not look like growth.
  const span = Math.max(1, Math.max(...values) - lowest);
  const innerWidth = WIDTH - MARGIN.left - MARGIN.right;
  const innerHeight = HEIGHT - MARGIN.top - MARGIN.bottom;
  const [first, last] = [sizes[0] as number, sizes.at(-1) as number];
  const places = points.map(([size, value], i) => ({
    x: MARGIN.left + (((sizes[i] as number) - first) / (last - first)) * innerWidth,
    y: MARGIN.top + innerHeight - (((values[i] as number) - lowest) / span) * innerHeight,
    size,
    value,
  }));
  const base = HEIGHT - MARGIN.bottom;
  return [
    ...wrapped(`${title}, ${unit}`).map(
      (line, i) => `<text x="${MARGIN.left}" y="${12 + i * 11}">${line}</text>`,
    ),
    `<line x1="${MARGIN.left}" y1="${base}" x2="${WIDTH - MARGIN.right}" y2="${base}"/>`,
    `<path d="M${places.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}"/>`,
    ...places.map(
      ({ x, y, size, value }) =>
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2"/><text x="${(x + 4).toFixed(1)}" y="${(y - 3).toFixed(1)}">${short(value)}</text><text x="${x.toFixed(1)}" y="${base + 10}" text-anchor="middle">${short(size)}</text>`,
    ),
    `<text x="${WIDTH - MARGIN.right + 4}" y="${base + 20}" text-anchor="end">${over}</text>`,
  ].join("");
}

/** At most two lines. */
function wrapped(words: string): string[] {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  if (escaped.length <= 44) return [escaped];
  const cut = escaped.lastIndexOf(" ", 44);
  return [escaped.slice(0, cut), escaped.slice(cut + 1)];
}

function short(value: number): string {
  if (value >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(2))} M`;
  if (value >= 10_000) return `${Number((value / 1_000).toPrecision(2))} k`;
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}
