import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareProgram,
  mainVersion,
  peVersion,
  readAppProgram,
  versionName,
} from '../../src/efaktur/app-program.ts';
import { tempFolder } from '../support/cli.ts';
import { peFile } from '../support/pe-file.ts';

async function appWith(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const folder = await tempFolder();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

async function programOf(version: string | null, content = '') {
  const bytes = version === null ? 'no exe' : peFile(version, content);
  const found = await readAppProgram(await appWith({ 'ETaxInvoiceMain.exe': bytes }));
  if (!found) throw new Error('no program found');
  return found;
}

describe('the version an exe states', () => {
  test.each(['4.0.0.0', '3.2.0.11', '2.1.65535.65535', '0.0.0.1'])('%s', async (version) => {
    expect(await peVersion(peFile(version))).toBe(version);
  });

  test('is null of anything that is no exe, cut anywhere or changed anywhere', async () => {
    const exe = peFile('4.0.0.0');
    await fc.assert(
      fc.asyncProperty(fc.nat(exe.length - 1), fc.nat(exe.length - 1), fc.nat(255), async (end, at, byte) => {
        expect([null, '4.0.0.0']).toContain(await peVersion(exe.subarray(0, end)));
        const changed = Buffer.from(exe);
        changed[at] = byte;
        const version = await peVersion(changed);
        expect(version === null || /^\d+(\.\d+){3}$/.test(version)).toBe(true);
      }),
    );
    expect(await peVersion(Buffer.from('MZ'))).toBe(null);
    expect(await peVersion(Buffer.from('#!/bin/sh\n'))).toBe(null);
  });
});

test('a folder’s program: every one of its files, what they state, and the memory they take', async () => {
  const folder = await appWith({
    'ETaxInvoice.exe': peFile('4.0.0.0', 'start'),
    'ETaxInvoiceMain.exe': peFile('4.0.0.0', 'main'),
    ETaxInvoiceMain: 'the build for Linux',
    'ETaxInvoiceUpd.exe.bak': peFile('4.0.0.0', 'renamed'),
    'ETaxInvoiceMain.config': 'option -Xmx500m\r\noption -Duser.language=in\r\n',
  });
  const changed = new Date('2024-07-20T02:00:00Z');
  await utimes(join(folder, 'ETaxInvoiceMain.exe'), changed, changed);
  const found = await readAppProgram(folder);
  expect(found?.files.map((f) => [f.name, f.version])).toEqual([
    ['ETaxInvoice.exe', '4.0.0.0'],
    ['ETaxInvoiceMain', undefined],
    ['ETaxInvoiceMain.exe', '4.0.0.0'],
  ]);
  expect(found?.main).toBe(found?.files[2]?.sha256);
  expect(found?.memory).toEqual(['ETaxInvoiceMain.config: option -Xmx500m']);
  expect(found?.mainChanged).toEqual(changed);
});

test('no main program, no folder: null; one that cannot be read is told', async () => {
  expect(await readAppProgram(await appWith({ 'ETaxInvoiceUpd.exe': peFile('1.0.0.0') }))).toBe(null);
  expect(await readAppProgram(join(await tempFolder(), 'absent'))).toBe(null);
  const folder = await tempFolder();
  await mkdir(join(folder, 'ETaxInvoiceMain.exe'));
  await expect(readAppProgram(folder)).rejects.toMatchObject({ code: 'source-unusable' });
});

test('programs are compared by their main files and what these state', async () => {
  const [three, four, other, nameless] = await Promise.all([
    programOf('3.2.0.0'),
    programOf('4.0.0.0'),
    programOf('4.0.0.0', 'patched'),
    programOf(null),
  ]);
  expect(compareProgram(four, four)).toBe('same');
  expect(compareProgram(nameless, nameless)).toBe('same');
  expect(compareProgram(four, three)).toBe('newer');
  expect(compareProgram(three, four)).toBe('older');
  expect(compareProgram(await programOf('3.10.0.0'), three)).toBe('newer');
  expect(compareProgram(other, four)).toBe('unknown');
  expect(compareProgram(nameless, four)).toBe('unknown');
  expect(compareProgram(four, nameless)).toBe('unknown');
  expect(mainVersion(four)).toBe('4.0.0.0');
});

test('a version is told with what is known of it', () => {
  expect(versionName('3.2.0.0')).toBe('3.2.0.0 (April 2022, PPN 11 %)');
  expect(versionName('4.0')).toBe('4.0 (July 2024)');
  expect(versionName('3.20.0.0')).toBe('3.20.0.0');
});
