/** What a room can be written as. */
export const EXPORT_FORMATS = ["jsonl", "markdown", "html"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
