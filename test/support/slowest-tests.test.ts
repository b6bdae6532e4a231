import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { slowestTests } from './slowest-tests.ts';

const timed = (name: string, durationMs: number) => ({ file: 'test/a.test.ts', name, durationMs });

test('the slowest come first, and no more than asked for', () => {
  expect(slowestTests([timed('one', 40), timed('two', 12_345), timed('three', 960)], 2)).toEqual([
    'The 2 slowest of 3 tests, which took 13.3 s in all:',
    '   12.3 s  test/a.test.ts > two',
    '    1.0 s  test/a.test.ts > three',
  ]);
  const many = Array.from({ length: 30 }, (_, i) => timed(`${i}`, i));
  expect(slowestTests(many)).toHaveLength(21);
  expect(slowestTests([])).toEqual([]);
});

test('a run ends with them, those of failed tests too, and not those of skipped ones', async () => {
  const root = await tempFolder();
  await writeFile(
    join(root, 'a.test.ts'),
    `import { describe, test } from ${JSON.stringify(import.meta.resolve('vitest'))};
    const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    describe('group', () => test('slow', () => rest(260)));
    test('slower', async () => { await rest(460); throw new Error('fails'); });
    test('quick', () => {});
    test.skip('left out', () => {});`,
  );
  const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const reporter = join(import.meta.dirname, 'slowest-tests.ts');
  const run = promisify(execFile)(process.execPath, [vitest, 'run', '--root', root, '--reporter', reporter], {
    cwd: root,
    env: { PATH: process.env.PATH },
  });
  const { code, stdout } = await run.then(
    (ended) => ({ code: 0, ...ended }),
    (error: { code: number; stdout: string }) => error,
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/^The 3 slowest of 3 tests, which took [\d.]+ s in all:$/m);
  expect([...stdout.matchAll(/\d\.\d s {2}(.*)$/gm)].map(([, name]) => name)).toEqual([
    ...['a.test.ts > slower', 'a.test.ts > group > slow', 'a.test.ts > quick'],
  ]);
});
