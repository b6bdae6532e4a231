import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/derby/database.ts';
import { placeDatabase } from '../support/derby.ts';
import { bootPassword } from '../support/derby-fixtures.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { expectEncryptedWhereItLay } from './encrypted-where-it-lay.ts';
import { folderFiles } from './folder-files.ts';
import { judgeFiles, loadFolder } from './judge-folder.ts';

const versions: DerbyVersion[] = ['10.10.2.0', '10.14.2.0'];

describe.each(versions)('an encrypted database of Derby %s', (version) => {
  let folder: string;
  let files: Map<string, Buffer>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'encrypted-'));
    await placeDatabase(join(folder, 'SANDI'), { version, invoices: 10, bootPassword });
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

// By other Derbys in the longer run.
test('encrypted where it lay, it lacks only pages that nothing was written to', () =>
  expectEncryptedWhereItLay('10.10.2.0'));
