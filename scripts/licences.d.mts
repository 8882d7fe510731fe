export function licenceNotices(
  root: string,
  metafile: {
    outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
  },
): string;
