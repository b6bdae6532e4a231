import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/derby/database.ts';
import { startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { folderFiles } from './folder-files.ts';
import { judgeFiles, loadFolder } from './judge-folder.ts';

const versions: DerbyVersion[] = ['10.10.2.0', '10.14.2.0'];

describe.each(versions)('an encrypted database of Derby %s', (version) => {
  let folder: string;
  let files: Map<string, Buffer>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'encrypted-'));
    const derby = await startDerby({ version });
    try {
      await derby.create(join(folder, 'SANDI'), { invoices: 10, bootPassword: 'kata sandi contoh' });
    } finally {
      await derby.close();
    }
    files = loadFolder(folder);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const flipped = (path: string, at: number) => {
    const bytes = Buffer.from(files.get(path) ?? Buffer.alloc(0));
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return judgeFiles(new Map(files).set(path, bytes)).verdict;
  };

  test('is judged by its headers and its log', () => {
    const { verdict, databases } = judgeFiles(files);
    expect(databases[0]?.problems).toEqual([]);
    expect(verdict).toBe('encrypted');
    expect(databases[0]).toMatchObject({
      schemaFingerprint: null,
      tables: [],
      checked: ['structure', 'log'],
    });
    // Page 0 is in the clear; what is in the others only Derby can tell.
    expect(flipped('SANDI/seg0/c90.dat', 200)).toBe('damaged');
    expect(flipped('SANDI/seg0/c90.dat', 6000)).toBe('encrypted');
    const cut = new Map(files).set(
      'SANDI/seg0/c90.dat',
      files.get('SANDI/seg0/c90.dat')?.subarray(0, 8192) ?? Buffer.alloc(0),
    );
    expect(judgeFiles(cut).verdict).toBe('damaged');
    const logs = [...files.keys()].filter((path) => /\/log\d+\.dat$/.test(path));
    expect(judgeFiles(new Map([...files].filter(([path]) => !logs.includes(path)))).verdict).toBe('damaged');
  });

  test('cannot be looked into', async () => {
    await expect(openDatabase(folderFiles(join(folder, 'SANDI')), 'SANDI')).rejects.toMatchObject({
      code: 'source-unusable',
    });
  });
});

describe.each<DerbyVersion>(['10.8.3.0', '10.10.2.0', '10.14.2.0'])(
  'encrypted where it lay, by Derby %s',
  (version) => {
    const password = 'kata sandi contoh';

    test('it lacks only pages that nothing was written to', { timeout: 120_000 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'encrypted-'));
      const path = join(folder, 'SANDI');
      const judged = () => {
        const { verdict, databases } = judgeFiles(loadFolder(folder));
        return { verdict, bad: databases[0]?.problems.filter(({ severity }) => severity !== 'note') };
      };
      const reopen = async (attributes: string, once: string): Promise<void> => {
        const other = await startDerby({ version });
        try {
          await other.open(path, { attributes, once });
          await other.shutdown(path);
        } finally {
          await other.close();
        }
      };
      try {
        const derby = await startDerby({ version });
        const row = (id: number): string =>
          `INSERT INTO ETAX.RIWAYAT VALUES (${id}, '${`Langkah ke-${id}. `.repeat(22)}')`;
        try {
          await derby.create(path, { invoices: 60 });
          // Only a table of some length has reserved pages.
          await derby.exec(path, 'CREATE TABLE ETAX.RIWAYAT (ID INTEGER, ISI VARCHAR(400))');
          for (let id = 1; id <= 130; id++) await derby.exec(path, row(id));
        } finally {
          await derby.close();
        }
        expect(judged()).toEqual({ verdict: 'clean', bad: [] });
        await reopen(`bootPassword=${password}`, 'dataEncryption=true');
        expect(judged()).toEqual({ verdict: 'encrypted', bad: [] });
        await reopen(`bootPassword=${password}`, 'newBootPassword=kata sandi lain');
        expect(judged()).toEqual({ verdict: 'encrypted', bad: [] });
        if (version === '10.8.3.0') return;
        await reopen('bootPassword=kata sandi lain', 'decryptDatabase=true');
        expect(judged()).toEqual({ verdict: 'clean', bad: [] });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  },
);
