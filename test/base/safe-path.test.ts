import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSafePath } from '../../src/base/safe-path.ts';

test.each([
  'ETaxInvoice/seg0/c10.dat',
  'ETaxInvoice/service.properties',
  'PT Maju, Tbk. (Pusat)/log/log1.dat',
  '.put-x',
  '...a',
  'a..b/c',
  'console/nulls/com10.dat',
  'auxiliary.dat',
  'é/税/🧾',
  'com.dat',
  'a'.repeat(255),
  Array.from({ length: 64 }, () => 'a').join('/'),
])('%j is safe', (path) => {
  expect(isSafePath(path)).toBe(true);
});

test.each([
  '',
  '.',
  '..',
  'a/../b',
  '/a',
  'a/',
  'a//b',
  'a\\b',
  'c:',
  'C:a',
  'a:stream',
  'nul',
  'NUL.txt',
  'a/con/b',
  'Com1',
  'lpt³.dat',
  'COM0',
  'nul .txt',
  'CONIN$',
  'a. /b',
  'a./b',
  'a /b',
  'a\u0000b',
  'a\tb',
  'a\u007f',
  'a*',
  '?',
  '"',
  '<',
  '>',
  '|',
  'a'.repeat(256),
  'é'.repeat(128),
  Array.from({ length: 65 }, () => 'a').join('/'),
  Array.from({ length: 5 }, () => 'a'.repeat(250)).join('/'),
])('%j is not safe', (path) => {
  expect(isSafePath(path)).toBe(false);
});

test('a safe path stays below the folder it is joined to, on either kind of system', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc
          .array(fc.constantFrom('..', '.', '', 'a', 'C:', '\\', 'x y', 'nul', '~', '...', ' '), {
            maxLength: 6,
          })
          .map((parts) => parts.join('/')),
      ),
      (path) => {
        if (!isSafePath(path)) return;
        expect(posix.resolve('/srv/db', path).startsWith('/srv/db/')).toBe(true);
        expect(win32.resolve('D:\\e-Faktur\\db', path).startsWith('D:\\e-Faktur\\db\\')).toBe(true);
        expect(posix.normalize(path)).toBe(path);
      },
    ),
    { numRuns: 1000 },
  );
});
