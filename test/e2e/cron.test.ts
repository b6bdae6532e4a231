import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type ListJson, makeWorld } from '../support/cli.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** The fenced blocks of a Markdown file in that language. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((m) => m[1] ?? '');

test.each(['README.md', 'README.id.md'])(
  'the crontab line of %s backs up where cron knows nothing',
  async (name) => {
    const text = await readFile(join(root, name), 'utf8');
    const lines = blocks(text, 'cron').flatMap((block) => block.split('\n'));
    const line = lines.find((one) => /^\d.*efaktur-cloud push/.test(one)) ?? '';
    const [, command] = /^(?:\S+ ){5}(.*)$/.exec(line) ?? [];
    expect(command).toBeDefined();
    // In a crontab an unescaped % ends the command.
    expect(command).not.toMatch(/(?<!\\)%/);

    const world = await makeWorld({ live: null });
    const home = join(world.folder, 'home');
    // The command is installed as the README says, but for npm's part, which has been done.
    const install = blocks(text, 'sh').find((block) => block.includes('.local/bin/efaktur-cloud')) ?? '';
    const script = install
      .split('\n')
      .filter((one) => !one.startsWith('npm '))
      .join('\n');
    expect(script).toContain('printf');
    await run('sh', ['-e', '-c', script], { cwd: root, env: { HOME: home, PATH: '/usr/bin:/bin' } });
    const settings = Object.entries(world.env).filter(([key]) => key.startsWith('EFAKTUR_'));
    await writeFile(join(home, 'efaktur.env'), settings.map(([key, value]) => `${key}=${value}\n`).join(''));
    await mkdir(join(world.folder, 'store'), { recursive: true });

    const cron = ['-i', `HOME=${home}`, 'PATH=/usr/bin:/bin', 'SHELL=/bin/sh', 'sh', '-c', command ?? ''];
    for (let day = 0; day < 2; day++) await run('env', cron, { cwd: home });
    const list = await world.json<ListJson>(['list']);
    expect(list.backups.map((b) => b.date)).toEqual(['2023-07-08']);
    const log = await readFile(join(home, 'efaktur-cloud.log'), 'utf8');
    expect(log).toContain('Stored the state of 2023-07-08');
    expect(log).toContain('Nothing new');
  },
);
