import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Derby, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { judgeFolder } from './judge-folder.ts';

const versions: DerbyVersion[] = ['10.8.3.0', '10.10.2.0', '10.12.1.1', '10.14.2.0'];
const perVersion = 15;

describe.each(versions)('databases of random shape made by Derby %s', (version) => {
  let derby: Derby;
  let folder: string;

  beforeAll(async () => {
    derby = await startDerby({ version });
    folder = await mkdtemp(join(tmpdir(), 'judge-random-'));
  });
  afterAll(async () => {
    await derby?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(Array.from({ length: perVersion }, (_, i) => i))(
    'seed %i: no false alarm, and the rows Derby counts',
    { timeout: 120_000 },
    async (seed) => {
      const db = join(folder, `db${seed}`);
      await derby.createRandom(join(db, 'ACAK'), { seed: seed * 7 + version.length });
      const verdict = judgeFolder(db);
      expect(verdict.databases.flatMap(({ problems }) => problems)).toEqual([]);
      expect(verdict.verdict).toBe('clean');
      const derbySays = await derby.checkCopy(join(db, 'ACAK'));
      expect(derbySays.ok).toBe(true);
      const rows = derbySays.tables
        .filter((table) => !table.system)
        .map((table) => ({ name: `${table.schema}.${table.table}`, rows: table.rows }));
      expect(verdict.databases[0]?.tables).toEqual(expect.arrayContaining(rows));
      expect(verdict.databases[0]?.tables).toHaveLength(rows.length);
      await rm(db, { recursive: true });
    },
  );
});
