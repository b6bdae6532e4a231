import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { docParts, withPart } from './docs-parts.ts';

/** Writes the parts of the documents that the code knows better: commands as the help tells of them, providers. */
for (const part of docParts) {
  const path = join(import.meta.dirname, '..', part.path);
  await writeFile(path, withPart(await readFile(path, 'utf8'), part));
}
