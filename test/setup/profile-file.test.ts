import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settingsWords } from '../../src/settings/config.ts';
import { parseSettings } from '../../src/settings/settings-file.ts';
import { withValues, writeProfile } from '../../src/setup/profile-file.ts';
import { tempFolder } from '../base/temp-folder.ts';

/** A settings file that a wizard writes and its user keeps. */

test('only what was answered changes: comments, other settings, unknown lines and line ends stay', () => {
  const before = [
    '# mine, do not touch',
    'export EFAKTUR_APP_DIR=C:\\old',
    '',
    'EFAKTUR_LOCK_DAYS=30   # ten would be too few',
    'WHO_KNOWS=this',
    'AWS_PROFILE=office',
    '  EFAKTUR_STORE = /mnt/usb',
    '',
  ].join('\r\n');
  const after = withValues(before, {
    EFAKTUR_APP_DIR: 'C:\\new',
    EFAKTUR_STORE: '/mnt/usb;s3://b/p?endpoint=https://x&region=y',
    EFAKTUR_RECIPIENTS: 'age1abc',
    AWS_PROFILE: null,
    AWS_ROLE_ARN: null,
  });
  expect(after.split('\r\n')).toEqual([
    '# mine, do not touch',
    'EFAKTUR_APP_DIR=C:\\new',
    '',
    'EFAKTUR_LOCK_DAYS=30   # ten would be too few',
    'WHO_KNOWS=this',
    '# AWS_PROFILE=office',
    'EFAKTUR_STORE=/mnt/usb;s3://b/p?endpoint=https://x&region=y',
    'EFAKTUR_RECIPIENTS=age1abc',
    '',
  ]);
  expect(withValues(after, { EFAKTUR_APP_DIR: 'C:\\new' })).toBe(after);
});

test('whatever value is written is read back as it is, or refused', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...'aB \\#\'"`$;=:/nr%'.split('')) }),
  );
  fc.assert(
    fc.property(texts, (value) => {
      fc.pre(value !== '');
      let text: string;
      try {
        text = withValues(null, { EFAKTUR_STORE: value, EFAKTUR_NAME: 'x' });
      } catch (error) {
        expect(error).toMatchObject({ code: 'usage' });
        return;
      }
      const read = parseSettings(text, 'p.env', 'all', settingsWords);
      expect(read).toEqual({ EFAKTUR_STORE: value, EFAKTUR_NAME: 'x' });
    }),
    { numRuns: 2000 },
  );
});

test('it is for its owner alone, also where others could read the old one', async () => {
  const folder = join(await tempFolder(), 'new', 'efaktur-cloud');
  const path = join(folder, 'pt-maju.env');
  expect(await writeProfile(path, 'EFAKTUR_NAME=a\n')).toBe(true);
  expect([(await stat(path)).mode & 0o777, (await stat(folder)).mode & 0o777]).toEqual([0o600, 0o700]);
  await writeFile(join(folder, 'b.env'), 'EFAKTUR_NAME=old\n', { mode: 0o644 });
  await writeProfile(join(folder, 'b.env'), 'EFAKTUR_NAME=b\n');
  expect((await stat(join(folder, 'b.env'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'b.env'), 'utf8')).toBe('EFAKTUR_NAME=b\n');
  expect((await readdir(folder)).sort()).toEqual(['b.env', 'pt-maju.env']);
});

test('what cannot be written leaves no folder that was made for it', async () => {
  const root = await tempFolder();
  await mkdir(join(root, 'there'));
  await writeFile(join(root, 'there', 'file'), '');
  const inTheWay = join(root, 'there', 'file', 'x', 'p.env');
  await expect(writeProfile(inTheWay, 'x')).rejects.toMatchObject({ code: 'target-not-writable' });
  expect(await readdir(join(root, 'there'))).toEqual(['file']);
});
