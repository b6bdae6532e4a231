import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Io } from '../../src/cli/context.ts';
import { terminalProgress } from '../../src/cli/terminal-progress.ts';

test.each([
  [0, 'id', 'membaca: 0 B dari 2,1 MB'],
  [undefined, 'id', 'membaca: 0 B dari 2,1 MB'],
  [15, 'en', 'reading: 0 B o'],
] as const)('on %s columns all that fits is drawn', (columns, language, expected) => {
  let drawn = '';
  const stderr = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        drawn += chunk;
        done();
      },
    }),
    { isTTY: true, columns },
  );
  const { progress } = terminalProgress({ stderr } as unknown as Io, false, language);
  progress.begin({ en: 'reading', id: 'membaca' }, 2_100_000);
  expect(drawn).toBe(`\r\u001b[K${expected}`);
});
