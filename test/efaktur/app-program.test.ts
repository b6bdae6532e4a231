import { createHash } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  appProgramChanged,
  peVersion,
  readAppFacts,
  readAppProgram,
  versionName,
} from '../../src/efaktur/app-program.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { peFile } from '../support/pe-file.ts';

async function appWith(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const folder = await tempFolder();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

describe('the version an exe states', () => {
  test.each(['4.0.0.0', '3.2.0.11', '2.1.65535.65535', '0.0.0.1'])('%s', async (version) => {
    expect(await peVersion(peFile(version))).toBe(version);
  });

  test('is taken from where an exe states it: the number, else the text, else the product’s', async () => {
    expect(await peVersion(peFile('3.2.0.11', '', { bits: 32 }))).toBe('3.2.0.11');
    const texts = { FileVersion: '9.9.9.9', ProductVersion: '8.8.8.8' };
    expect(await peVersion(peFile('3.2.0.0', '', { texts }))).toBe('3.2.0.0');
    const none = '0.0.0.0';
    for (const [text, version] of [
      ['3, 2, 0, 11', '3.2.0.11'],
      ['v4.0 (build 7)', '4.0.0.0'],
      ['3.2.1', '3.2.1.0'],
      ['0.0.0.0', null],
      ['unknown', null],
      ['2024', null],
      ['e-Faktur Desktop 3.2 (PPN 11%)', '3.2.0.0'],
      ['Versi v3.2.0.11', '3.2.0.11'],
      ['build 2024', null],
      ['e-Faktur 3.2 for Java 1.8', null],
      ['PPN 11,5 %', null],
    ] as const)
      expect(await peVersion(peFile(none, '', { texts: { FileVersion: text } })), text).toBe(version);
    expect(await peVersion(peFile(none, '', { texts: {}, productVersion: '3.1.0.0' }))).toBe('3.1.0.0');
    expect(await peVersion(peFile(none, '', { texts: { ProductVersion: '3.0' } }))).toBe('3.0.0.0');
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

test('an exe that is empty or ends before what its head tells is known', async () => {
  const exe = peFile('4.0.0.0');
  const faultOf = async (bytes: Buffer | string): Promise<string | null | undefined> =>
    (await readAppFacts(await appWith({ 'ETaxInvoiceMain.exe': bytes })))?.main.fault;
  expect(await faultOf('')).toBe('empty');
  for (const end of [64, 200, exe.length - 1])
    expect(await faultOf(exe.subarray(0, end)), `${end}`).toBe('cut');
  // What somebody appended, such as a signature or an archive, is no fault; nor is what is no exe of Windows.
  for (const sound of [exe, Buffer.concat([exe, exe]), 'not the real program', '#!/bin/sh\n', 'MZ'])
    expect(await faultOf(sound)).toBe(null);
});

test('a folder’s program is its exe, whatever else is there', async () => {
  const main = peFile('4.0.0.0', 'main');
  const folder = await appWith({
    'ETaxInvoice.exe': peFile('1.0.0.0', 'start'),
    'ETaxInvoiceMain.exe': main,
    ETaxInvoiceMain: 'the build for Linux',
    'ETaxInvoiceUpd.exe.bak': peFile('5.0.0.0', 'renamed'),
  });
  const sha256 = createHash('sha256').update(main).digest('hex');
  expect(await readAppProgram(folder)).toEqual({ sha256, version: '4.0.0.0' });
  expect(await readAppProgram(await appWith({ ETaxInvoiceMain: 'for Linux' }))).toMatchObject({
    version: null,
  });
});

test('no main program, no folder: null; one that cannot be read is told', async () => {
  expect(await readAppProgram(await appWith({ 'ETaxInvoiceUpd.exe': peFile('1.0.0.0') }))).toBe(null);
  expect(await readAppProgram(join(await tempFolder(), 'absent'))).toBe(null);
  const folder = await tempFolder();
  await mkdir(join(folder, 'ETaxInvoiceMain.exe'));
  await expect(readAppProgram(folder)).rejects.toMatchObject({ code: 'source-unusable' });
});

describe('all of a program folder', () => {
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

  test('every program by name, and of the .config files what they say of memory, nothing else', async () => {
    const [start, main, updater] = [peFile('4.0.0.1'), peFile('4.0.0.0', 'main'), peFile('4.0.0.0', 'upd')];
    const folder = await appWith({
      'ETaxInvoice.exe': start,
      'ETaxInvoiceMain.exe': main,
      'ETaxInvoiceUpd lama.exe': updater,
      'ETaxInvoiceUpd.exe.bak': updater,
      'unins000.exe': updater,
      'ETaxInvoiceMain.config':
        '# option -Xmx100m\r\noption -Xms64m\r\noption -Dproxy.password=s3cret -Xmx500m\r\n',
      'ETaxInvoiceUpd.exe.config': '<add value="-XX:MaxPermSize=128m -Xss2m"/>\noption -Duser=a\n',
      'other.config': 'option -Xmx1g\n',
    });
    await mkdir(join(folder, 'ETaxInvoice-old'));
    await mkdir(join(folder, 'ETaxInvoice.config'));
    const facts = await readAppFacts(folder);
    expect(facts?.main).toEqual({
      name: 'ETaxInvoiceMain.exe',
      sha256: sha256(main),
      sizeBytes: main.length,
      version: '4.0.0.0',
      fault: null,
    });
    expect(facts?.programs.map(({ name, version, sha256 }) => [name, version, sha256])).toEqual([
      ['ETaxInvoice.exe', '4.0.0.1', sha256(start)],
      ['ETaxInvoiceMain.exe', '4.0.0.0', sha256(main)],
      ['ETaxInvoiceUpd lama.exe', '4.0.0.0', sha256(updater)],
    ]);
    expect(facts?.memory).toEqual([
      'ETaxInvoiceMain.config: -Xms64m',
      'ETaxInvoiceMain.config: -Xmx500m',
      'ETaxInvoiceUpd.exe.config: -XX:MaxPermSize=128m -Xss2m',
    ]);
  });

  test('a build without .exe states no version; no main program is none at all', async () => {
    const folder = await appWith({ ETaxInvoice: 'start', ETaxInvoiceMain: 'main', ETaxInvoiceUpd: 'upd' });
    const facts = await readAppFacts(folder);
    expect(facts?.programs.map(({ name, version }) => [name, version])).toEqual([
      ['ETaxInvoice', null],
      ['ETaxInvoiceMain', null],
      ['ETaxInvoiceUpd', null],
    ]);
    expect(facts?.memory).toEqual([]);
    expect(await readAppFacts(await appWith({ 'ETaxInvoiceUpd.exe': peFile('1.0.0.0') }))).toBe(null);
    expect(await readAppFacts(join(folder, 'absent'))).toBe(null);
  });

  test('when the main program last changed', async () => {
    const folder = await appWith({
      'ETaxInvoiceMain.exe': 'a',
      ETaxInvoiceMain: 'b',
      'ETaxInvoiceUpd.exe': 'c',
    });
    await utimes(join(folder, 'ETaxInvoiceMain.exe'), new Date('2022-04-01'), new Date('2022-04-01'));
    await utimes(join(folder, 'ETaxInvoiceMain'), new Date('2022-05-01'), new Date('2022-05-01'));
    expect(await appProgramChanged(folder)).toEqual(new Date('2022-05-01'));
    expect(await appProgramChanged(await tempFolder())).toBe(null);
  });
});

test('a version is told with what is known of it', () => {
  expect(versionName('3.2.0.0')).toEqual({
    en: '3.2.0.0 (April 2022, PPN 11 %)',
    id: '3.2.0.0 (April 2022, PPN 11%)',
  });
  expect(versionName('4.0')).toEqual({ en: '4.0 (July 2024)', id: '4.0 (Juli 2024)' });
  expect(versionName('3.1.0.0').id).toBe('3.1.0.0 (2022)');
  expect(versionName('3.20.0.0').en).toBe('3.20.0.0');
});
