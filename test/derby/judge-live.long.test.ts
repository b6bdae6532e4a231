import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placeDatabase, startDerby, startWriter } from '../support/derby.ts';
import { copySlowly } from '../support/derby-fixtures.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { judgeFolder } from './judge-folder.ts';

const versions: DerbyVersion[] = ['10.10.2.0', '10.12.1.1', '10.14.2.0'];
const timeout = 240_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-live-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each(versions)('Derby %s', (version) => {
  const place = async (): Promise<string> => {
    await mkdir(join(folder, 'live'));
    await placeDatabase(join(folder, 'live/ETaxInvoice'), { version });
    return join(folder, 'live');
  };

  test.each([0, 40])(
    'killed while writing, checkpoints every %i ms: needs recovery',
    { timeout },
    async (checkpointEveryMs) => {
      const db = await place();
      for (const commits of [3, 57, 200, 500]) {
        const writer = await startWriter(join(db, 'ETaxInvoice'), { version, checkpointEveryMs });
        await writer.waitForCommits(commits);
        await writer.kill();
        const killed = judgeFolder(db);
        expect(killed.verdict, JSON.stringify(killed.databases[0]?.problems)).toBe('needs-recovery');

        const derby = await startDerby({ version });
        const checked = await derby.check(join(db, 'ETaxInvoice'));
        await derby.close();
        expect(checked.ok).toBe(true);
        const recovered = judgeFolder(db);
        expect(recovered.databases[0]?.problems).toEqual([]);
        expect(recovered.verdict).toBe('clean');
        for (const { name, rows } of recovered.databases[0]?.tables ?? []) {
          expect(rows).toBe(checked.tables.find((t) => `${t.schema}.${t.table}` === name)?.rows);
        }
      }
    },
  );

  test('copied slowly while written: never clean', { timeout }, async () => {
    const db = await place();
    const live = join(db, 'ETaxInvoice');
    const writer = await startWriter(live, { version, checkpointEveryMs: 30 });
    const copies: string[] = [];
    try {
      await writer.waitForCommits(30);
      for (let i = 0; i < 6; i++) {
        const copy = join(folder, `copy${i}`);
        await copySlowly(live, join(copy, 'ETaxInvoice'), 8);
        copies.push(copy);
      }
    } finally {
      await writer.stop();
    }
    const derby = await startDerby({ version });
    try {
      for (const copy of copies) {
        const verdict = judgeFolder(copy);
        expect(verdict.verdict).not.toBe('clean');
        const checked = await derby.checkCopy(join(copy, 'ETaxInvoice'));
        // What Derby opens and finds sound may have been recovered, but was not damaged.
        if (checked.ok) expect(verdict.verdict).toBe('needs-recovery');
      }
    } finally {
      await derby.close();
    }
    const after = judgeFolder(db);
    expect(after.databases[0]?.problems).toEqual([]);
    expect(after.verdict).toBe('clean');
  });

  test('two clean states mixed file by file: clean only where Derby finds nothing either', {
    timeout,
  }, async () => {
    const db = await place();
    const newer = join(db, 'ETaxInvoice');
    const older = join(folder, 'older');
    await cp(newer, older, { recursive: true });
    const derby = await startDerby({ version });
    let found = 0;
    try {
      await derby.workday(newer, { date: '2024-03-01', invoices: 40, seed: 5 });
      await derby.shutdown(newer);
      for (const name of await readdir(join(newer, 'seg0'))) {
        const [mine, theirs] = [join(newer, 'seg0', name), join(older, 'seg0', name)];
        const original = await readFile(mine);
        const replacement = await readFile(theirs).catch(() => null);
        if (!replacement || replacement.equals(original)) continue;
        await writeFile(mine, replacement);
        const { verdict } = judgeFolder(db);
        const checked = await derby.checkCopy(newer);
        if (verdict === 'clean') expect(checked.ok, name).toBe(true);
        else found++;
        await writeFile(mine, original);
      }
    } finally {
      await derby.close();
    }
    expect(found).toBeGreaterThan(5);
    expect(judgeFolder(db).verdict).toBe('clean');
  });
});
