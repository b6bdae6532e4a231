import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type ListJson, makeWorld } from '../support/cli.ts';
import { guide, linesOf } from '../support/guides.ts';
import { installAsReadme } from '../support/readme-install.ts';

const run = promisify(execFile);

test.each([
  ['README.md', 'en'],
  ['README.id.md', 'id'],
] as const)('the crontab line backs up where cron knows nothing, by %s', async (name, language) => {
  const line =
    linesOf(guide('docs/SETUP', language), 'cron').find((one) => /^\d.*efaktur-cloud push/.test(one)) ?? '';
  const [, command] = /^(?:\S+ ){5}(.*)$/.exec(line) ?? [];
  expect(command).toBeDefined();
  // In a crontab an unescaped % ends the command.
  expect(command).not.toMatch(/(?<!\\)%/);

  const world = await makeWorld({ live: null });
  const home = join(world.folder, 'home');
  await installAsReadme(name, world, home);
  const settings = Object.entries(world.env).filter(([key]) => key.startsWith('EFAKTUR_'));
  await writeFile(join(home, 'efaktur.env'), settings.map(([key, value]) => `${key}=${value}\n`).join(''));
  await mkdir(join(world.folder, 'store'), { recursive: true });

  const cron = ['-i', `HOME=${home}`, 'PATH=/usr/bin:/bin', 'SHELL=/bin/sh', 'sh', '-c', command ?? ''];
  for (let day = 0; day < 2; day++) await run('env', cron, { cwd: home });
  const list = await world.json<ListJson>(['list']);
  expect(list.backups.map((b) => b.date)).toEqual(['2023-07-08']);
  const log = await readFile(join(home, 'efaktur-cloud.log'), 'utf8');
  expect(log).toContain('Stored the state of 8 July 2023');
  expect(log).toContain('Nothing new');
});
