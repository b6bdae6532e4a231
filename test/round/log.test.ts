import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logBytes, logFiles, logPath, openLog, readLog } from '../../src/round/log.ts';
import { tempFolder } from '../base/temp-folder.ts';

const at = new Date('2026-11-27T05:00:00Z');
const logIn = (stateDir: string, redact = (text: string) => text) =>
  openLog({ stateDir, zone: 'Asia/Jakarta', now: () => at, redact, rotates: true });
const info = (text: string) => ({ profile: null, kind: 'info', code: null, text }) as const;

test('a line has its time with the zone, its profile and its code, and comes back as it was written', async () => {
  const stateDir = await tempFolder();
  const log = logIn(stateDir);
  await log.write({
    profile: 'PT Maju',
    kind: 'error',
    code: 'store-unavailable',
    text: 'two\nlines\tof it',
  });
  await log.write(info('nothing new'));
  expect(await readFile(logPath(stateDir), 'utf8')).toBe(
    '2026-11-27T12:00:00+07:00\tPT Maju\terror\tstore-unavailable\ttwo lines of it\n' +
      '2026-11-27T12:00:00+07:00\t-\tinfo\t-\tnothing new\n',
  );
  expect(await readLog(stateDir)).toEqual([
    {
      at: '2026-11-27T12:00:00+07:00',
      profile: 'PT Maju',
      kind: 'error',
      code: 'store-unavailable',
      text: 'two lines of it',
    },
    { at: '2026-11-27T12:00:00+07:00', profile: null, kind: 'info', code: null, text: 'nothing new' },
  ]);
  if (process.platform !== 'win32') expect((await stat(logPath(stateDir))).mode & 0o777).toBe(0o600);
});

test('a line that a crash cut off costs itself alone', async () => {
  const stateDir = await tempFolder();
  await logIn(stateDir).write(info('before'));
  await appendFile(logPath(stateDir), '2026-11-27T12:00:00+07:00\t-\tinf');
  await logIn(stateDir).write(info('after'));
  expect((await readLog(stateDir)).map(({ text }) => text)).toEqual(['before', 'after']);
});

test('no secret of the settings and no secret key of age is kept', async () => {
  const stateDir = await tempFolder();
  const log = logIn(stateDir, (text) => text.replaceAll('geheim', '[secret]'));
  await log.write(info('geheim AGE-SECRET-KEY-1QQQQQQQQQQQQQQQ'));
  const text = await readFile(logPath(stateDir), 'utf8');
  expect(text).not.toMatch(/geheim|1QQQQ/);
});

test('a full log becomes the one before it; five files of a megabyte are kept', async () => {
  const stateDir = await tempFolder();
  const line = 'x'.repeat(9_900);
  const log = logIn(stateDir);
  for (let i = 0; i < 620; i++) await log.write(info(`${String(i).padStart(4, '0')} ${line}`));
  const sizes = await Promise.all(
    Array.from({ length: logFiles }, async (_, nth) => (await stat(logPath(stateDir, nth))).size),
  );
  for (const size of sizes) expect(size).toBeLessThan(logBytes + 11_000);
  await expect(stat(logPath(stateDir, logFiles))).rejects.toThrow('ENOENT');
  const numbers = (await readLog(stateDir)).map(({ text }) => Number(text.slice(0, 4)));
  expect(numbers.at(-1)).toBe(619);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 620 - numbers.length + i));
  expect(numbers.length).toBeGreaterThan(400);
});

test('what is no line, and a file that goes meanwhile, is passed over', async () => {
  const stateDir = await tempFolder();
  await logIn(stateDir).write(info('one'));
  await writeFile(
    logPath(stateDir, 2),
    'somebody wrote here\n\n2026-11-27T12:00:00+07:00\t-\tinfo\t-\tzero\n',
  );
  expect((await readLog(stateDir)).map(({ text }) => text)).toEqual(['zero', 'one']);
  await rm(join(stateDir, 'log'), { recursive: true });
  expect(await readLog(stateDir)).toEqual([]);
});

test('a log that cannot be written is told and stops nothing', async () => {
  const stateDir = await tempFolder();
  await mkdir(logPath(stateDir), { recursive: true });
  const log = logIn(stateDir);
  await log.write(info('lost'));
  expect(log.problem()).toMatchObject({ code: 'target-not-writable' });
});
