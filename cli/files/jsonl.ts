/** The lossless form of a room: one JSON object a line (docs/spec/export.md). */
import type { ExportPage, ImportItem } from "../../src/app/transfer-api.ts";

export const FORMAT_VERSION = 1;

function line(type: string, fields: object): string {
  return `${JSON.stringify({ v: FORMAT_VERSION, type, ...fields })}\n`;
}

/** Writes the lines of one room; `seen` grows with its people, not with its history. */
export class JsonlWriter {
  readonly #seen = new Set<string>();
  #events = 0;

  begin({ room, roomId, network }: ExportPage): string {
    return line("export", { room, roomId, network });
  }

  page(page: ExportPage): string {
    let text = "";
    for (const certificate of page.certificates) {
      if (this.#seen.has(certificate)) continue;
      this.#seen.add(certificate);
      text += line("certificate", { certificate });
    }
    for (const event of page.events) text += line("event", event);
    this.#events += page.events.length;
    return text;
  }

  end(): string {
    return line("end", { events: this.#events, certificates: this.#seen.size });
  }
}

/** What a line says. */
export type ExportLine =
  | { readonly type: "export"; readonly room: string; readonly roomId: string }
  | { readonly type: "item"; readonly item: ImportItem }
  | { readonly type: "end"; readonly events: number; readonly certificates: number }
  /** Of a later version's kind. */
  | { readonly type: "unknown" };

/** Reads a line; a sentence of what is wrong with it where it is damaged. */
export function readLine(text: string): ExportLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "It is no JSON.";
  }
  if (typeof value !== "object" || value === null) return "It is no object.";
  const { v, type, ...fields } = value as Record<string, unknown>;
  if (v !== FORMAT_VERSION || typeof type !== "string")
    return `It is no line of version ${FORMAT_VERSION}.`;
  const { room, roomId, certificate, author, wire, id, events, certificates } = fields;
  switch (type) {
    case "export":
      if (typeof room !== "string" || typeof roomId !== "string") break;
      return { type, room, roomId };
    case "certificate":
      if (typeof certificate !== "string") break;
      return { type: "item", item: { certificate } };
    case "event":
      if (typeof author !== "string" || typeof wire !== "string" || typeof id !== "string") break;
      return { type: "item", item: { author, wire, id } };
    case "end":
      if (typeof events !== "number" || typeof certificates !== "number") break;
      return { type, events, certificates };
    default:
      return { type: "unknown" };
  }
  return `It lacks what a line of type "${type}" says.`;
}
