import type { TestContext } from "vitest";

/**
 * The only reasons for which a test may be skipped. `npm test` fails on any other skip, so that
 * no test falls silent unseen.
 */
export const skipReasons = {
  curl: "the program curl is not on this machine",
  fish: "the shell fish is not on this machine",
  oldNode: "no Node older than 22 is on this machine",
  vectors: "the folder of shared test vectors is not on this machine",
  zsh: "the shell zsh is not on this machine",
  tmpfs: "no small disk can be mounted here",
  namespaces: "no network namespaces can be made here",
  address: "this machine has no address beside those of the loopback",
  pipes: "no named pipes can be made in a folder here",
  go: "no Go toolchain, or its modules cannot be fetched",
  openssl: "the program openssl is not on this machine",
  systemd: "the program systemd-analyze is not on this machine",
  rust: "nothing in Rust is compiled here: no cargo, or its crates cannot be fetched, or (the libp2p node) neither CI is set nor npm run test:long was run",
} as const;

/** Skips the running test unless `condition` holds, with one of the listed reasons. */
export function needs(
  context: TestContext,
  condition: boolean,
  otherwise: keyof typeof skipReasons,
): void {
  context.skip(!condition, skipReasons[otherwise]);
}

/** Whether a skip with this note is one of the listed. */
export function isListedSkip(note: string | undefined): boolean {
  return Object.values<string | undefined>(skipReasons).includes(note);
}
