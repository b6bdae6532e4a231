import { expect, test } from 'vitest';
import { asTargetError } from '../../src/base/atomic-file.ts';
import { verbatim } from '../../src/base/text.ts';
import { driveNotThere, runAsAdministrator } from '../../src/base/texts.ts';
import { hintForDrive, hintForProtected } from '../../src/base/windows-places.ts';
import { closeDbPrograms } from '../../src/efaktur/restore-texts.ts';
import { closeOrAdministrator } from '../../src/efaktur/swap.ts';

const failed = (code: string, path: string): Error =>
  Object.assign(new Error(code), { code, path, syscall: 'mkdir' });

test.each([
  'C:\\Program Files\\Direktorat Jenderal Pajak\\e-Faktur\\db',
  'd:\\program files (x86)\\x',
  '\\\\?\\C:\\Program Files\\x',
  'C:\\Windows',
])('where only an administrator may write (%s) the hint says so', (path) => {
  expect(hintForProtected(path)).toBe(runAsAdministrator);
  expect(asTargetError(failed('EPERM', path), verbatim('x'))).toMatchObject({ hint: runAsAdministrator });
  const both = closeOrAdministrator(closeDbPrograms, failed('EPERM', path));
  expect(both.en).toBe(`${closeDbPrograms.en} ${runAsAdministrator.en}`);
  expect(both.id).toBe(`${closeDbPrograms.id} ${runAsAdministrator.id}`);
  expect(closeOrAdministrator(closeDbPrograms, failed('EBUSY', path))).toBe(closeDbPrograms);
});

test.each(['D:\\e-Faktur', 'C:\\Program Filesx\\y', '/Program Files/x', '\\\\server\\Program Files', ''])(
  'elsewhere (%s) it does not',
  (path) => expect(hintForProtected(path)).toBeNull(),
);

test('a drive that is not there is told as one that may be mapped', () => {
  expect(hintForDrive('z:\\backup', () => false)).toEqual(driveNotThere('Z'));
  expect(hintForDrive('z:\\backup', (root) => root === 'z:\\')).toBeNull();
  for (const path of ['C:\\x', '\\\\server\\share', '/mnt/z', 'zz:\\x', ''])
    expect(hintForDrive(path, () => false)).toBeNull();
  expect(asTargetError(failed('ENOENT', 'Q:\\x'), verbatim('x'))).toMatchObject({ hint: driveNotThere('Q') });
});
