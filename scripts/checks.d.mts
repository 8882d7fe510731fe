export const checks: readonly {
  readonly name: string;
  /** A tool of node_modules/.bin and its arguments; absent where the check is a function here. */
  readonly command?: readonly [string, ...string[]];
}[];
