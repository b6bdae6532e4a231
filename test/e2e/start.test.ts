import { execFile } from 'node:child_process';
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
  test.each([[['--env-file', '/no/such.env']], [['--env-file=/no/such.env']]])(
    '%j is an error of the program',
    async (flags) => {
      const world = await makeWorld(null);
      const command = await install(world);
      const ended = promisify(execFile)(command, ['list', '--json', ...flags], { env: world.env });
      const failure = await ended.catch((error) => error);
      expect(failure).toMatchObject({ code: 2, stdout: '' });
      expect(JSON.parse(failure.stderr).error).toMatchObject({
        code: 'usage',
        message: 'the env file /no/such.env cannot be read (ENOENT)',
      });
    },
  );
});
