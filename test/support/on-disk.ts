/** What stands readable in files. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Which of some words a folder's files hold, or are called by; as UTF-8 or UTF-16. */
export async function foundOnDisk(folder: string, words: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const bytes = entry.isFile() ? await readFile(path) : Buffer.alloc(0);
    for (const word of words) {
      const utf16 = Buffer.from(word, "utf16le");
      if (path.includes(word) || bytes.includes(word) || bytes.includes(utf16)) seen.add(word);
    }
  }
  return [...seen].sort();
}
