import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crontabScheduler, encodeLines, findLines, parseLines } from '../../src/schedule/crontab.ts';
import type { Ask } from '../../src/schedule/system-calls.ts';

const run = promisify(execFile);

const job = {
  at: ['07:05', '12:00'],
  command: ['/usr/bin/node', '/a/start.js', 'run', '--scheduled'],
  env: {},
  madeAt: new Date('2026-11-27T03:00:00.000Z'),
};

test('each time has its line, and one runs at the start of the computer', () => {
  const lines = encodeLines(job).split('\n');
  expect(lines.slice(2, 5)).toEqual([
    '5 7 * * * /usr/bin/node /a/start.js run --scheduled >/dev/null',
    '0 12 * * * /usr/bin/node /a/start.js run --scheduled >/dev/null',
    '@reboot sleep 120; /usr/bin/node /a/start.js run --scheduled >/dev/null',
  ]);
  const [hourly] = encodeLines({ ...job, at: 'hourly' }).match(/^\d+ \* \* \* \* /m) ?? [];
  expect(Number.parseInt(hourly ?? '', 10)).toBeGreaterThanOrEqual(1);
  expect(Number.parseInt(hourly ?? '', 10)).toBeLessThanOrEqual(10);
});

const word = fc.string({
  minLength: 1,
  unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '%', 'é', '=', ';', '#', '!'),
});

test('any command and variables come back', () => {
  fc.assert(
    fc.property(fc.array(word), word, (words, home) => {
      const one = { ...job, command: ['/usr/bin/node', ...words], env: { HOME: `/${home}` } };
      expect(parseLines(encodeLines(one))).toEqual(one);
    }),
  );
});

test('a shell gets the words as they are, once cron has read its line', async () => {
  const words = ['50% of', `it's "here"`, '$HOME `id` \\ !x', '#é'];
  const command = [
    process.execPath,
    '-p',
    'JSON.stringify([process.argv.slice(1), process.env.A])',
    '--',
    ...words,
  ];
  const lines = encodeLines({ ...job, command, env: { A: '1 %' } });
  const [, line = ''] = /^0 12 \* \* \* (.*)$/m.exec(lines) ?? [];
  // crontab(5): a bare % would end the command.
  expect(line).not.toMatch(/(?<!\\)%/);
  const { stdout } = await run('sh', ['-c', line.replaceAll('\\%', '%').replace(' >/dev/null', '')]);
  expect(JSON.parse(stdout)).toEqual([words, '1 %']);
});

test('what is in front of the marks and behind them stays byte for byte', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\xff', '\r', '#', '%', ' ') });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = encodeLines(job);
      const whole = `${before === '' ? '' : `${before}\n`}${lines}${after}`;
      expect(findLines(whole)).toEqual({ before: before === '' ? '' : `${before}\n`, lines, after });
      expect(findLines(before + after)).toBeNull();
    }),
  );
});

test('without their end nobody knows which lines are ours', () => {
  const [begin = ''] = encodeLines(job).split('\n');
  expect(findLines(`a\n${begin}\n5 4 * * * mine\n`)).toEqual({
    before: 'a\n',
    lines: `${begin}\n`,
    after: '5 4 * * * mine\n',
  });
});

test('a line that is longer than cron takes is not put there', async () => {
  const asked: (readonly string[])[] = [];
  const ask: Ask = async (_program, args) => {
    asked.push(args);
    return { code: 1, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  };
  const wanted = {
    ...job,
    command: ['/usr/bin/node', `/${'a'.repeat(1000)}.js`],
    now: job.madeAt,
    zone: 'UTC',
  };
  expect(await crontabScheduler(ask).install(wanted)).toHaveProperty('because');
  expect(asked).toEqual([['-l']]);
});

test('what cron refuses is told with what it says', async () => {
  const ask: Ask = async (_program, [first]) =>
    first === '-l'
      ? { code: 0, stdout: Buffer.from('# mine\n'), stderr: Buffer.alloc(0) }
      : {
          code: 1,
          stdout: Buffer.alloc(0),
          stderr: Buffer.from('You (rina) are not allowed to use this program\n'),
        };
  const refused = await crontabScheduler(ask).install({ ...job, now: job.madeAt, zone: 'UTC' });
  expect(refused).toMatchObject({ because: { en: 'You (rina) are not allowed to use this program' } });
});
