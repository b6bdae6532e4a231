import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openDatabase } from '../../src/derby/database.ts';
import { type Derby, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { expectSameRows } from './compare-rows.ts';
import { folderFiles } from './folder-files.ts';

const versions: DerbyVersion[] = ['10.8.3.0', '10.10.2.0', '10.12.1.1', '10.14.2.0'];

describe.each(versions)('rows of Derby %s equal its own', (version) => {
  let derby: Derby;
  let folder: string;
  beforeAll(async () => {
    derby = await startDerby({ version });
    folder = await mkdtemp(join(tmpdir(), 'rows-long-'));
  });
  afterAll(async () => {
    await derby?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(Array.from({ length: 12 }, (_, i) => 100 + i))('seed %i', { timeout: 120_000 }, async (seed) => {
    const path = join(folder, `random${seed}`);
    await derby.createRandom(path, { seed, tables: 5 });
    await expectSameRows(
      await openDatabase(folderFiles(path), 'ACAK'),
      derby,
      path,
      seed % 2 ? 200 : undefined,
    );
    await rm(path, { recursive: true });
  });
});
