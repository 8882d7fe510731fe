/** Parameters of the socket's methods for files of rooms. */
import * as v from "valibot";
import {
  EXPORT_LINE_MAX_BYTES,
  IMPORT_PAGE_LINES_COUNT,
  IMPORT_UNPROVEN_MAX_COUNT,
} from "../core/codec/limits.ts";
import type { TransferApi } from "../app/transfer-api.ts";

const word = v.pipe(v.string(), v.maxLength(1_024));
const encoded = v.pipe(v.string(), v.maxLength(EXPORT_LINE_MAX_BYTES));

export const transferMethods = {
  exportPage: v.object({ room: word, after: v.optional(word) }),
  importPage: v.object({
    room: word,
    roomId: word,
    items: v.pipe(
      v.array(
        v.union([
          v.object({ certificate: encoded }),
          v.object({ author: word, wire: encoded, id: word }),
        ]),
      ),
      v.maxLength(IMPORT_PAGE_LINES_COUNT + IMPORT_UNPROVEN_MAX_COUNT),
    ),
    skipDamaged: v.boolean(),
    last: v.boolean(),
  }),
} satisfies Record<keyof TransferApi, v.GenericSchema>;
