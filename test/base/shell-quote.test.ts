import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { typedWord } from '../../src/base/shell-quote.ts';

test('what is shown as typed comes out of a shell as it was', () => {
  for (const word of [
    '--to=/a b',
    "--to=/o'x y",
    '--to=/o"x',
    '--to=/$HOME',
    '--to=/a`b',
    '--to=/a&b;c',
    '--to=/a\\b',
  ]) {
    const typed = typedWord(word, 'linux');
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${typed}`], { encoding: 'utf8' })).toBe(word);
  }
  expect(typedWord('--to=/mnt/nas', 'linux')).toBe('--to=/mnt/nas');
});

test('on Windows double quotes hold what its shells take apart', () => {
  expect(typedWord('--to=D:\\e-Faktur', 'win32')).toBe('--to=D:\\e-Faktur');
  expect(typedWord('--to=D:\\Budi & Anak', 'win32')).toBe('"--to=D:\\Budi & Anak"');
  expect(typedWord('--to=D:\\a&b', 'win32')).toBe('"--to=D:\\a&b"');
  expect(typedWord('--to=\\\\nas\\the share\\', 'win32')).toBe('"--to=\\\\nas\\the share\\\\"');
});
