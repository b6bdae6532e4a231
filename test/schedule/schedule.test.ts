import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type InstallRequest,
  installSchedule,
  type ReadRequest,
  readSchedule,
  removeSchedule,
} from '../../src/schedule/schedule.ts';
import type { Ask } from '../../src/schedule/system-calls.ts';
import { windowsText } from '../../src/schedule/windows-words.ts';
import type { Surroundings } from '../../src/settings/surroundings.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { english } from '../support/english.ts';

const sid = 'S-1-5-21-1-2-3-1001';
const hourMs = 3600_000;

/** A PC with Windows that answers as these programs do; a task is kept as it was given. */
class Windows {
  task: string | null = null;
  lastResult = '267011';
  events = '';
  environment = '';
  /** What `schtasks /create` refuses. */
  refuses: (xml: string) => boolean = () => false;
  readonly asked: string[] = [];

  readonly ask: Ask = async (program, args) => {
    const name = program.split('\\').at(-1) ?? program;
    this.asked.push([name, ...args].join(' '));
    const answer = (code: number, said = '') => ({
      code,
      stdout: Buffer.from(said),
      stderr: Buffer.from(code === 0 ? '' : 'ERROR: Access is denied.\r\n'),
    });
    if (name === 'whoami.exe') return answer(0, `"pc\\rina","${sid}"\r\n`);
    if (name === 'wevtutil.exe') return answer(0, this.events);
    if (name === 'reg.exe') return answer(0, this.environment);
    expect(name).toBe('schtasks.exe');
    expect(args.slice(-2)).toEqual(['/tn', 'eFaktur Cloud']);
    if (args[0] === '/create') {
      const xml = windowsText(await readFile(args[args.indexOf('/xml') + 1] ?? ''));
      if (this.refuses(xml)) return answer(1);
      this.task = xml;
      return answer(0);
    }
    if (this.task === null) return answer(1);
    if (args[0] === '/delete') this.task = null;
    if (args[0] !== '/query') return answer(0);
    if (args.includes('/xml')) return answer(0, this.task ?? '');
    // In Indonesian, a row for each trigger.
    const row = `"PC","\\eFaktur Cloud","28/11/2026 12.00.00","Siap","Interaktif saja","27/11/2026 12.00.00","${this.lastResult}","eFaktur Cloud","C:\\x, y.exe run"\r\n`;
    return answer(0, `\r\n${row}${row}`);
  };
}

let windows: Windows;
let around: Surroundings;
let program: string;

beforeEach(async () => {
  const folder = await tempFolder();
  windows = new Windows();
  program = join(folder, 'efaktur-cloudw.exe');
  await writeFile(program, '');
  await mkdir(join(folder, 'efaktur-cloud'));
  await writeFile(join(folder, 'efaktur-cloud', 'toko.env'), 'EFAKTUR_STORE=/x\n');
  around = {
    env: { APPDATA: folder, USERNAME: 'rina' },
    currentFolder: folder,
    homeFolder: folder,
    hostName: 'pc',
    platform: 'win32',
    systemZone: 'Asia/Jakarta',
    systemLocale: 'id-ID',
  };
});

const signal = new AbortController().signal;
const installedAt = new Date('2026-11-27T02:00:00Z');
const later = (hours: number): Date => new Date(installedAt.getTime() + hours * hourMs);

const install = (more: Partial<InstallRequest> = {}) =>
  installSchedule({
    ...{ around, signal, ask: windows.ask, now: () => installedAt },
    ...{ at: 'hourly', profile: null, program: [program] },
    ...more,
  }).then(english);
const read = (more: Partial<ReadRequest> = {}) =>
  readSchedule({
    ...{ around, signal, ask: windows.ask, now: () => later(1) },
    ...{ program: [program], lastRunAt: null },
    ...more,
  }).then(english);
const remove = () => removeSchedule({ around, signal, ask: windows.ask, now: () => installedAt });
const codes = (found: readonly { readonly code: string }[]): string[] => found.map(({ code }) => code);

describe('the Task Scheduler of Windows', () => {
  test('a task is made, found as it is, changed and removed', async () => {
    expect(await read()).toMatchObject({ isInstalled: false, kind: null, problems: [] });
    const command = [program, 'run', '--scheduled'];
    expect(await install()).toEqual({
      outcome: 'installed',
      schedule: { kind: 'task-scheduler', at: 'hourly', profile: null, command, place: 'eFaktur Cloud' },
      nextRunAt: '2026-11-27T10:00:00+07:00',
      warnings: [],
    });
    expect(windows.task).toContain(`<UserId>${sid}</UserId>`);
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
    expect(await install({ at: ['12:00', '17:00'], profile: 'toko' })).toMatchObject({
      outcome: 'changed',
      nextRunAt: '2026-11-27T12:00:00+07:00',
    });
    expect(await read()).toEqual({
      kind: 'task-scheduler',
      isInstalled: true,
      at: ['12:00', '17:00'],
      profile: 'toko',
      command: [...command, '--profile', 'toko'],
      place: 'eFaktur Cloud',
      lastRunAt: null,
      lastTriggeredAt: null,
      // 0x41303: it has not run yet.
      lastResult: null,
      nextRunAt: '2026-11-27T12:00:00+07:00',
      problems: [],
      warnings: [],
    });
    expect(await remove()).toMatchObject({ outcome: 'removed', removed: [{ kind: 'task-scheduler' }] });
    expect(windows.task).toBeNull();
    expect(await remove()).toMatchObject({ outcome: 'none', removed: [] });
  });

  test('without a SID it is of the user by his name', async () => {
    const ask: Ask = async (name, args) => (name.endsWith('whoami.exe') ? null : windows.ask(name, args));
    await install({ ask });
    expect(windows.task).toContain('<UserId>rina</UserId>');
  });

  test('a start at logon that is refused is left out, and told', async () => {
    windows.refuses = (xml) => xml.includes('<LogonTrigger>');
    const { schedule, warnings } = await install();
    expect(schedule.kind).toBe('task-scheduler');
    expect(codes(warnings)).toEqual(['schedule-fallback']);
    expect(windows.task).toContain('<CalendarTrigger>');
    expect((await read()).problems).toEqual([]);
  });

  test('where all is refused a shortcut runs it at each logon, and a task that is taken later takes its place', async () => {
    windows.refuses = () => true;
    const { schedule, warnings, nextRunAt } = await install({ at: ['12:00'] });
    expect(schedule).toMatchObject({ kind: 'startup', at: null });
    expect(nextRunAt).toBeNull();
    expect(warnings.map(({ message }) => message)).toEqual([
      'not by the Task Scheduler of Windows: ERROR: Access is denied.',
      'no task could be made, so the program runs once at each logon, and at no other time',
    ]);
    expect((await stat(schedule.place)).isFile()).toBe(true);
    expect(schedule.place).toMatch(/Startup.eFaktur Cloud\.lnk$/);
    expect(await read()).toMatchObject({
      kind: 'startup',
      at: null,
      command: [program.replaceAll('/', '\\'), 'run', '--scheduled'],
      problems: [],
    });
    expect(await install({ at: ['12:00'] })).toMatchObject({ outcome: 'unchanged' });

    windows.refuses = () => false;
    expect(await install()).toMatchObject({ outcome: 'changed', schedule: { kind: 'task-scheduler' } });
    expect(await stat(schedule.place).catch(() => null)).toBeNull();
  });

  test.each([['S-1-5-21-9-9-9-500'], ['PC\\\\Budi']])(
    'a task of another user (%s) is left to him',
    async (user) => {
      await install();
      windows.task = (windows.task ?? '').replaceAll(sid, user);
      const before = windows.task;
      expect(await read()).toMatchObject({ isInstalled: false });
      const { schedule, warnings } = await install();
      expect(schedule.kind).toBe('startup');
      expect(warnings[0]?.message).toContain(`another user of this PC (${user})`);
      expect(await remove()).toMatchObject({ removed: [{ kind: 'startup' }] });
      expect(windows.task).toBe(before);
      windows.task = before.replaceAll(user, 'PC\\RINA');
      expect(await read()).toMatchObject({ isInstalled: true });
    },
  );

  test('a task that this user may not take away is told', async () => {
    await install();
    const ask: Ask = async (name, args) =>
      args[0] === '/delete'
        ? { code: 1, stdout: Buffer.alloc(0), stderr: Buffer.from('ERROR: Access is denied.\r\n') }
        : windows.ask(name, args);
    const work = removeSchedule({ around, signal, ask, now: () => installedAt });
    expect(await codeOf(work)).toBe('target-not-writable');
  });

  test.each([
    [
      'switched off',
      (xml: string) =>
        xml.replace('<Enabled>true</Enabled>\r\n    <Hidden>', '<Enabled>false</Enabled>\r\n    <Hidden>'),
      'schedule-disabled',
    ],
    [
      'changed',
      (xml: string) => xml.replace('<StartWhenAvailable>true', '<StartWhenAvailable>false'),
      'schedule-changed',
    ],
    [
      'another program',
      (xml: string) => xml.replace(/<Command>.*<\/Command>/, '<Command>/usr/bin/env</Command>'),
      'schedule-program',
    ],
    ['other words', (xml: string) => xml.replace('run --scheduled', 'push'), 'schedule-program'],
  ])('what somebody did to a task is seen: %s', async (_name, change, code) => {
    await install();
    const before = windows.task ?? '';
    windows.task = change(before);
    expect(windows.task).not.toBe(before);
    const { problems } = await read();
    expect(codes(problems)).toEqual([code]);
    expect(problems[0]?.hint).toContain('efaktur-cloud schedule install');
  });

  test('a program or profile that is gone is told, and one that Windows could not start', async () => {
    await install({ profile: 'toko' });
    await rm(join(around.homeFolder, 'efaktur-cloud', 'toko.env'));
    expect((await read()).problems).toMatchObject([
      { code: 'schedule-program', message: expect.stringContaining('"toko"') },
    ]);
    await rm(program);
    const other = join(around.homeFolder, 'other.exe');
    expect((await read({ program: [other] })).problems[0]?.message).toContain('not there');
    // 0x80070002, as a signed number.
    windows.lastResult = '-2147024894';
    const { problems, lastResult } = await read();
    expect(problems.at(-1)?.message).toContain('0x80070002');
    expect(lastResult).toBe(2147942402);
    windows.lastResult = '20';
    expect(await read()).toMatchObject({ lastResult: 20 });
  });
});

describe('a schedule that does not run', () => {
  const event = (provider: string, id: number, at: Date): string =>
    `<Event><System><Provider Name='Microsoft-Windows-${provider}'/><EventID>${id}</EventID><TimeCreated SystemTime='${at.toISOString()}'/></System></Event>`;

  /** The log begins before all. */
  const on = event('Kernel-Power', 107, later(-48));

  test('alarms once the PC was on and in use for a day', async () => {
    await install();
    windows.events = on;
    expect(codes((await read({ now: () => later(23) })).problems)).toEqual([]);
    const { problems } = await read({ now: () => later(25) });
    expect(problems).toMatchObject([
      {
        code: 'schedule-missed',
        message: 'the schedule has not run yet, though this computer was on and in use for 25 hours',
      },
    ]);
    // What counts is when it ran last.
    const lastRunAt = later(10).toISOString();
    expect(codes((await read({ now: () => later(30), lastRunAt })).problems)).toEqual([]);
    const missed = await read({ now: () => later(35), lastRunAt });
    expect(missed.problems[0]?.message).toContain('since 27 November 2026 19:00');
  });

  test('waits for twice the longest time between two runs', async () => {
    await install({ at: ['12:00', '17:00'] });
    windows.events = on;
    expect(codes((await read({ now: () => later(37) })).problems)).toEqual([]);
    expect(codes((await read({ now: () => later(39) })).problems)).toEqual(['schedule-missed']);
  });

  test('does not alarm after nights, sleep and holidays', async () => {
    await install();
    // Off from two hours after the installation, for three weeks.
    windows.events = on + event('Kernel-Power', 42, later(2)) + event('Kernel-Power', 107, later(21 * 24));
    expect(codes((await read({ now: () => later(21 * 24 + 3) })).problems)).toEqual([]);
    // The user was away, and the PC on.
    windows.events = on + event('Winlogon', 7002, later(2)) + event('Winlogon', 7001, later(21 * 24));
    expect(codes((await read({ now: () => later(21 * 24 + 3) })).problems)).toEqual([]);
    // Nothing is known.
    windows.events = '';
    expect(codes((await read({ now: () => later(21 * 24) })).problems)).toEqual([]);
  });

  test('is not looked for while it ran of late, or is switched off', async () => {
    await install();
    await read({ now: () => later(400), lastRunAt: later(399).toISOString() });
    windows.task = (windows.task ?? '').replace(
      '<Enabled>true</Enabled>\r\n    <Hidden>',
      '<Enabled>false</Enabled>\r\n    <Hidden>',
    );
    await read({ now: () => later(400) });
    expect(windows.asked.filter((line) => line.startsWith('wevtutil'))).toEqual([]);
  });
});

describe('what a schedule does not have', () => {
  test('settings of this terminal alone are told by name, not by value', async () => {
    const env = {
      ...around.env,
      AWS_SECRET_ACCESS_KEY: 'geheim',
      Efaktur_Limit_Upload: '1MiB/s',
      EFAKTUR_STORE: '/y',
    };
    around = { ...around, env };
    const { warnings } = await install();
    expect(warnings).toMatchObject([
      {
        code: 'schedule-lacks-settings',
        // The profile has a store.
        message: expect.stringMatching(/: AWS_SECRET_ACCESS_KEY, EFAKTUR_LIMIT_UPLOAD$/),
      },
    ]);
    expect(JSON.stringify(warnings) + windows.task).not.toContain('geheim');
    // Windows gives these to everything that it starts.
    windows.environment =
      '\r\nHKEY_CURRENT_USER\\Environment\r\n    EFAKTUR_LIMIT_UPLOAD    REG_SZ    1MiB/s\r\n    AWS_SECRET_ACCESS_KEY    REG_EXPAND_SZ    geheim\r\n';
    expect((await install()).warnings).toEqual([]);
  });

  test('without a profile nothing would be run', async () => {
    await rm(join(around.homeFolder, 'efaktur-cloud'), { recursive: true });
    expect(await codeOf(install())).toBe('usage');
    expect(await codeOf(install({ profile: 'toko' }))).toBe('usage');
    expect(windows.task).toBeNull();
  });

  test('a path that no line can hold is refused', async () => {
    expect(await codeOf(install({ program: ['/a\nb'] }))).toBe('usage');
  });

  test('a clock in another zone than the one that is set is told with both times', async () => {
    await writeFile(
      join(around.homeFolder, 'efaktur-cloud', 'common.env'),
      'EFAKTUR_TIMEZONE=Asia/Jayapura\n',
    );
    const { warnings } = await install({ at: ['12:00'] });
    expect(warnings.map(({ message }) => message)).toEqual([
      "the times are those of this PC's clock (Asia/Jakarta): 12:00 there is 14:00 in Asia/Jayapura",
    ]);
    expect((await install()).warnings).toEqual([]);
  });
});
