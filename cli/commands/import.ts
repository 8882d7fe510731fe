import { counted } from "../../src/core/text/counted.ts";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ParleyError } from "../../src/core/codec/errors.ts";
import {
  EXPORT_LINE_MAX_BYTES,
  IMPORT_DAMAGED_NAMED_MAX_COUNT,
} from "../../src/core/codec/limits.ts";
import { type Context, openStore } from "../context.ts";
import { DONE } from "../exit-status.ts";
import { Importer } from "../files/importer.ts";
import { fileLines } from "../files/lines.ts";
import { Progress } from "../files/progress.ts";
import { sentence } from "../files/target.ts";

export interface ImportFlags {
  /** "-" is standard input. */
  readonly file: string;
  readonly skipDamaged?: boolean;
}

export async function importFile(context: Context, flags: ImportFlags): Promise<number> {
  const { out } = context;
  const sizeBytes = await sizeOf(flags.file);
  const api = await openStore(context);
  const progress = new Progress(context, "imported", true);
  let named = 0;
  const importer = new Importer({
    api,
    skipDamaged: flags.skipDamaged === true,
    skipped: (line, why) => {
      if (++named > IMPORT_DAMAGED_NAMED_MAX_COUNT) return;
      progress.clear();
      out.notice({ level: "warn", code: "damaged-line", text: `Line ${line} is skipped: ${why}` });
    },
  });
  try {
    for await (const line of linesOf(flags.file)) {
      await importer.take(line);
      const { added, known } = importer.total;
      progress.at(added + known, sizeBytes && line.endBytes / sizeBytes);
    }
    const total = await importer.finish();
    progress.clear();
    const notes = [
      `${counted(total.added, "event")} imported into ${total.room}`,
      ...(total.joined ? ["which was joined for it"] : []),
      ...(total.known > 0 ? [`${total.known.toLocaleString("en")} already there`] : []),
      ...(total.overQuota > 0
        ? [`${total.overQuota.toLocaleString("en")} beyond what a device may write a day`]
        : []),
      ...(total.damaged > 0 ? [`${counted(total.damaged, "damaged line")} skipped`] : []),
      ...(named > IMPORT_DAMAGED_NAMED_MAX_COUNT
        ? [`the first ${IMPORT_DAMAGED_NAMED_MAX_COUNT} of them named`]
        : []),
    ];
    await out.either("imported", total, notes.join(", "));
  } finally {
    progress.clear();
  }
  return DONE;
}

async function* linesOf(file: string): ReturnType<typeof fileLines> {
  const stream = file === "-" ? process.stdin : createReadStream(file);
  try {
    yield* fileLines(stream, EXPORT_LINE_MAX_BYTES);
  } catch (error) {
    throw error instanceof ParleyError ? error : unreadable(file, error);
  }
}

/** Bytes of the file; undefined for standard input. */
async function sizeOf(file: string): Promise<number | undefined> {
  if (file === "-") return undefined;
  try {
    const { size } = await stat(file);
    return size;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): ParleyError {
  return new ParleyError("file-failed", `${file} cannot be read: ${sentence(error)}`, {
    cause: error,
  });
}
