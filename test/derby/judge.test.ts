import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/derby/verdict.ts';
import { type Golden, goldens, placeGolden } from '../support/golden.ts';
import { judgeFolder } from './judge-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-golden-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const samples = await goldens();

/** Damaged, but not closed either: only Derby itself can tell after it has replayed the log (`verify --engine`). */
const seenByEngineOnly = new Set(['torn-copy', 'log-last-missing']);

/** Cut, but only among pages that no row was ever written to. */
const lostNothing = new Set(['cut-preallocated']);

/** What each truth must be judged as. An encrypted database shows only its headers and its log. */
function expected({ name, truth, attributes }: Golden): Verdict {
  if (truth === 'clean' || lostNothing.has(name)) return attributes ? 'encrypted' : 'clean';
  return truth === 'recovery' || seenByEngineOnly.has(name) ? 'needs-recovery' : 'damaged';
}

describe.each(samples)('$version $name', (sample) => {
  test('is judged as what it is, and as Derby does', async () => {
    const db = join(folder, `${sample.version}-${sample.name}`);
    await placeGolden(sample, db);
    const { verdict, databases } = judgeFolder(db);
    const problems = JSON.stringify(databases.flatMap((one) => one.problems));
    expect(verdict, `${sample.about}: ${problems}`).toBe(expected(sample));
    expect(judgeFolder(db, { chunkBytes: 1021 })).toEqual({ verdict, databases });

    for (const { database, verdict: one, tables, derbyVersion } of databases) {
      const derby = sample.derby[database];
      if (!derby) continue;
      if (!derby.ok) expect(one).not.toBe('clean');
      if (one !== 'clean') continue;
      expect(derby.ok).toBe(true);
      expect(sample.version).toContain(`${derbyVersion}.`);
      const rows = derby.tables
        .filter((t) => !t.system)
        .map((t) => ({ name: `${t.schema}.${t.table}`, rows: t.rows }));
      expect([...tables].sort(byName)).toEqual(rows.sort(byName));
    }
    await rm(db, { recursive: true });
  });
});

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
