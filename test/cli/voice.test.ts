import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { EfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import type { Io } from '../../src/cli/context.ts';
import { sayFailure } from '../../src/cli/voice.ts';

/** What a failure is told as on a terminal. */
function told(error: unknown, language: 'en' | 'id', verbose: boolean): string {
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  const io: Io = {
    stdout: new PassThrough(),
    stderr,
    stdin: new PassThrough(),
    around: {
      env: {},
      currentFolder: '/',
      homeFolder: '/',
      hostName: 'pc',
      platform: 'linux',
      systemZone: 'UTC',
      systemLocale: 'C',
    },
    now: () => new Date(0),
    signal: new AbortController().signal,
    version: '0',
  };
  sayFailure(io, error, { json: false, verbose, language, zone: null });
  return String(stderr.read());
}

const refused = new Error('connect ECONNREFUSED');
const inner = new EfakturError(
  'store-unavailable',
  { en: 'no answer', id: 'tidak ada jawaban' },
  verbatim('x'),
  refused,
);
const error = new EfakturError(
  'damaged',
  { what: { en: 'A is damaged', id: 'A rusak' }, because: { en: 'cut off', id: 'terpotong' } },
  { en: 'Take another.', id: 'Pakai yang lain.' },
  inner,
);

test('an error says what, why and what to do, each in the language of the run, and its causes where more is wanted', () => {
  expect(told(error, 'id', false)).toBe(
    'Error damaged: A rusak\nPenyebab: terpotong\nSolusi: Pakai yang lain.\n',
  );
  expect(told(error, 'id', true)).toBe(
    'Error damaged: A rusak\nPenyebab: terpotong\nSolusi: Pakai yang lain.\n' +
      '  karena: tidak ada jawaban\n  karena: connect ECONNREFUSED\n',
  );
  expect(told(error, 'en', true)).toBe(
    'Error damaged: A is damaged\nCause: cut off\nSolution: Take another.\n' +
      '  because: no answer\n  because: connect ECONNREFUSED\n',
  );
});

test('a bug is told in the language of the run, its stack as it is', () => {
  expect(told(new TypeError('x is not a function'), 'id', false)).toMatch(
    /^Error bug: ini kesalahan dalam efaktur-cloud: TypeError: x is not a function\n {4}at .*\nSolusi: Mohon laporkan/s,
  );
});

test('a program that was installed anew while it ran is told as that, not as a bug', () => {
  const gone = Object.assign(new Error("Cannot find module '/x/chunks/pull.mjs'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  expect(told(gone, 'en', false)).toBe(
    "Error bug: a file of efaktur-cloud itself is no longer there: Cannot find module '/x/chunks/pull.mjs'\nSolution: If it was just updated, start it again; else install it again.\n",
  );
  expect(told(new Error('x'), 'id', false)).toContain('ini kesalahan dalam efaktur-cloud');
});
