import { readRepo, repoFiles } from "./repo.ts";

/** Titles of tests and of the groups around them, as far as they are written out. */
export function testTitles(): { readonly path: string; readonly title: string }[] {
  return repoFiles()
    .filter((path) => /\.(test|suite)\.tsx?$|acceptance\.tsx?$/.test(path))
    .flatMap((path) =>
      [
        ...readRepo(path).matchAll(/\b(?:test|it|describe|group)\b[^"'`\n]*\(\s*(["'`])(.*?)\1/g),
      ].map(([, , title = ""]) => ({ path, title })),
    );
}
