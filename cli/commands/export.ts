import { counted } from "../../src/core/text/counted.ts";
import type { ExportPage, TransferApi } from "../../src/app/transfer-api.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import type { ExportFormat } from "../files/formats.ts";
import { HtmlWriter } from "../files/html.ts";
import { JsonlWriter } from "../files/jsonl.ts";
import { MarkdownWriter } from "../files/markdown.ts";
import { Progress } from "../files/progress.ts";
import { standardOutput, wholeFile } from "../files/target.ts";

export interface ExportFlags {
  readonly room: string;
  readonly format: ExportFormat;
  /** Default: standard output. */
  readonly output?: string;
}

/** What a format makes of the pages of a room. */
interface FileWriter {
  begin(page: ExportPage): string;
  page(page: ExportPage): string;
  end(): string;
}

export async function exportRoom(context: Context, flags: ExportFlags): Promise<number> {
  const { room, format, output } = flags;
  const api = await openStore(context);
  const pages = exportPages(api, room);
  // The first page is asked for before a file is made: an error leaves nothing behind.
  const first = await pages.next();
  const target =
    output === undefined || output === "-"
      ? standardOutput(context)
      : await wholeFile(context, output);
  const toFile = output !== undefined && output !== "-";
  const progress = new Progress(context, "exported", toFile || !process.stdout.isTTY);
  const writer = writerOf(format);
  let events = 0;
  let name = room;
  for (let page = first; page.done !== true; page = await pages.next()) {
    if (page === first) await target.write(writer.begin(page.value));
    await target.write(writer.page(page.value));
    events += page.value.events.length;
    name = page.value.room;
    progress.at(events, events / Math.max(1, page.value.total));
  }
  await target.write(writer.end());
  await target.finish();
  progress.clear();
  if (toFile) {
    const said = { room: name, format, file: output, events };
    if (context.out.json) await context.out.object("exported", said);
    else context.out.say(`${counted(events, "event")} of ${name} are in ${output}.`);
  }
  return DONE;
}

async function* exportPages(api: TransferApi, room: string): AsyncGenerator<ExportPage, undefined> {
  let after: string | undefined;
  do {
    const page = await api.exportPage({ room, ...(after === undefined ? {} : { after }) });
    yield page;
    after = page.next;
  } while (after !== undefined);
  return undefined;
}

function writerOf(format: ExportFormat): FileWriter {
  if (format === "markdown") return new MarkdownWriter();
  return format === "html" ? new HtmlWriter() : new JsonlWriter();
}
