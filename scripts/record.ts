import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startS3Service } from '../test/support/minio-server.ts';
import { withPart } from './docs-parts.ts';
import { fenced, recordInit } from './recorded-init.ts';

/** Writes what `init` of the built program looks like now into both READMEs. */
const { service, stop } = await startS3Service();
try {
  for (const [language, path] of [
    ['en', 'README.md'],
    ['id', 'README.id.md'],
  ] as const) {
    const file = join(import.meta.dirname, '..', path);
    const text = fenced(await recordInit(service, language));
    await writeFile(file, withPart(await readFile(file, 'utf8'), { path, name: 'recording', text }));
  }
} finally {
  await stop();
}
