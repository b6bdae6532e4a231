import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestName } from '../../src/base/nearest.ts';

const names = ['EFAKTUR_STORE', 'EFAKTUR_APP_DIR', 'EFAKTUR_TIMEZONE', 'EFAKTUR_NAME'];

test.each([
  ['EFAKTUR_STOER', 'EFAKTUR_STORE'],
  ['EFAKTUR_STORES', 'EFAKTUR_STORE'],
  ['efaktur_store', 'EFAKTUR_STORE'],
  ['EFAKTUR_APPDIR', 'EFAKTUR_APP_DIR'],
  ['EFAKTUR_TIME_ZONE', 'EFAKTUR_TIMEZONE'],
  ['EFAKTUR_NAM', 'EFAKTUR_NAME'],
])('%s is nearest to %s', (typed, meant) => {
  expect(nearestName(typed, names)).toBe(meant);
});

test('a known name is nearest to itself, and of none there is no nearest', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }), fc.nat(), (known, i) => {
      const name = known[i % known.length] as string;
      expect(nearestName(name, known)).toBe(name);
    }),
  );
  expect(nearestName('x', [])).toBeNull();
  expect(nearestName('', ['a'])).toBeNull();
});

const words = [
  'push',
  'backup',
  'pull',
  'restore',
  'list',
  'verify',
  'status',
  'export',
  'export-tables',
  'prune',
];

test.each([
  ['psuh', 'push'],
  ['lst', 'list'],
  ['stauts', 'status'],
  ['rest', 'restore'],
  ['exprot-tabel', 'export-tables'],
  ['PULL', 'pull'],
  ['backups', 'backup'],
])('%s is near to %s', (typed, meant) => {
  expect(nearestName(typed, words)).toBe(meant);
});

test.each(['help', 'import', 'ls', 'login', 'x', 'p', 'unggah', 'recover'])(
  'nothing is near to %s',
  (typed) => {
    expect(nearestName(typed, words)).toBeNull();
  },
);
