import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askSystem, refusalOf } from '../../src/schedule/system-calls.ts';
import { tempFolder } from '../base/temp-folder.ts';

const { signal } = new AbortController();
const ask = askSystem({ PATH: '/usr/bin:/bin', A: 'kept' }, signal);

test('a program gets its input and gives back bytes, in English and UTC', async () => {
  const input = Buffer.from([0, 0xff, 10]);
  expect(await ask('cat', [], input)).toEqual({ code: 0, stdout: input, stderr: Buffer.alloc(0) });
  const env = await ask('env', []);
  expect(env?.stdout.toString().split('\n').sort()).toEqual([
    '',
    'A=kept',
    'LC_ALL=C',
    'PATH=/usr/bin:/bin',
    'TZ=UTC',
  ]);
  // It need not read its input.
  expect(await ask('true', [], Buffer.alloc(1_000_000))).toMatchObject({ code: 0 });
});

test('what it failed with is told by what it said, else by its exit code', async () => {
  const said = await ask('sh', ['-c', 'echo; echo "  not\x07 allowed" >&2; exit 3']);
  expect(said?.code).toBe(3);
  expect(refusalOf('sh', said).en).toBe('not? allowed');
  expect(refusalOf('x', await ask('sh', ['-c', 'exit 4'])).en).toBe('x ended with 4 and said nothing');
  expect(refusalOf('x', await ask('sh', ['-c', 'kill -9 $$'])).en).toBe(
    'x ended with a signal and said nothing',
  );
});

test('one that is not there is told from one that may not be started', async () => {
  const missing = await ask('no-such-program-of-ours', []);
  expect(missing).toBeNull();
  expect(refusalOf('x', missing).en).toBe('there is no program x');
  const path = join(await tempFolder(), 'forbidden');
  await writeFile(path, '', { mode: 0o600 });
  const forbidden = await ask(path, []);
  expect(forbidden?.code).toBeNull();
  expect(refusalOf('x', forbidden).en).toContain('EACCES');
});

test('a command that is stopped waits for no answer', async () => {
  const stop = new AbortController();
  const work = askSystem({ PATH: '/usr/bin:/bin' }, stop.signal)('sleep', ['0.2']);
  stop.abort(new Error('stopped'));
  await expect(work).rejects.toThrow('stopped');
});
