/**
 * The one error class of parley. `code` is API: scripts and callers branch on it, so a code never
 * changes its meaning. `message` is a sentence for a person; `hint` says how to mend it.
 */
export class ParleyError extends Error {
  override readonly name = "ParleyError";
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** Whether `error` is a {@link ParleyError}, and of `code` where one is given. */
export function isParleyError(error: unknown, code?: string): error is ParleyError {
  return error instanceof ParleyError && (code === undefined || error.code === code);
}
