import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { Warning } from '../../src/base/progress.ts';
import { type Inspection, openDatabases } from '../../src/inspect/open-databases.ts';
import { openBackupFiles } from '../../src/inspect/open-files.ts';
import { verbContext } from '../support/verb-context.ts';

/** A temp folder that goes with the test file; to be called in `beforeAll`. */
export async function folderForAll(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'efaktur-inspect-')));
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Opens a folder as `--local` does; closed with the test. */
export async function inspectFolder(path: string, { salvage = false } = {}): Promise<Inspection> {
  const warnings: Warning[] = [];
  const options = { database: null, salvage };
  const files = await openBackupFiles(
    { in: 'folder', path },
    {
      stores: async () => [],
      decryptor: async () => null,
      ...verbContext(join(tmpdir(), 'efaktur-inspect-state')),
    },
    warnings,
    options,
  );
  onTestFinished(() => files.close());
  return openDatabases(files, options, warnings);
}
