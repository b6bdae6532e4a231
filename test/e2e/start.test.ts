import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { makeWorld, program, type World } from '../support/cli.ts';
import { installAsReadme, readmeNames } from '../support/readme-install.ts';

/** Node.js looks for flags of its own behind the script's name, too, and ends when it does not like them. */
const starts: [string, (world: World) => Promise<string>][] = [
  ['by its first line', async () => program],
  ...readmeNames.map((name): [string, (world: World) => Promise<string>] => [
    `as ${name} installs it`,
    (world) => installAsReadme(name, world, join(world.folder, 'home')),
  ]),
];

describe.each(starts)('started %s', (_how, install) => {
  test.each([
    [['--settings', '/no/such.env']],
    [['--env-file=/no/such.env']],
    [['--env-file', '/no/such.env']],
  ])('%j is an error of the program', async (flags) => {
    const world = await makeWorld(null);
    const command = await install(world);
    const ended = promisify(execFile)(command, ['list', '--json', ...flags], { env: world.env });
    const failure = await ended.catch((error) => error);
    expect(failure).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(failure.stderr).error).toMatchObject({
      code: 'usage',
      message: 'the settings file /no/such.env cannot be read (ENOENT)',
    });
  });
});

describe('a log whose disk is full, or that nobody reads any more', () => {
  const through = (world: World, shell: string) =>
    promisify(execFile)('bash', ['-o', 'pipefail', '-c', shell, program], { env: world.env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );

  test('a full one is exit 6, told where it can be, and no bug', async () => {
    const world = await makeWorld({ live: 'seed-8-july' });
    const pushed = await through(world, `"$0" push --app "${world.app}" > /dev/full`);
    expect(pushed).toMatchObject({ code: 6, stdout: '' });
    expect(pushed.stderr).toContain(': the output cannot be written (ENOSPC)');
    const asJson = await through(world, '"$0" list --json > /dev/full');
    expect(asJson.code).toBe(6);
    expect(JSON.parse(asJson.stderr).error.code).toBe('target-not-writable');
    // The language is that of the settings, though it is told when the command is over.
    const settings = join(world.folder, 'atur.env');
    await writeFile(settings, 'EFAKTUR_LANG=id\n', { mode: 0o600 });
    const inIndonesian = await through(world, `"$0" list --settings "${settings}" > /dev/full`);
    expect([inIndonesian.code, inIndonesian.stderr]).toEqual([6, expect.stringContaining('\nSolusi: ')]);
    const rows = await through(world, '"$0" show FAKTUR_KELUARAN --csv > /dev/full');
    expect(rows.code).toBe(6);
    expect(rows.stderr).toContain(': the output cannot be written (ENOSPC)');
  });

  test('what the work came to decides the exit code all the same', async () => {
    const world = await makeWorld({ live: 'seed-8-july' });
    const push = `"$0" push --app "${world.app}"`;
    // The note of a store on the same disk finds no place; the backup is stored.
    expect((await through(world, `${push} 2> /dev/full`)).code).toBe(0);
    expect((await through(world, `${push} 2> >(exec <&-; sleep 1)`)).code).toBe(0);
    expect((await through(world, '"$0" status > /dev/full 2>&1')).code).toBe(20);
    expect((await through(world, '"$0" list --store /no/such/folder 2> /dev/full')).code).toBe(10);
  });
});
