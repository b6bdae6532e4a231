import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeLines } from '../../src/schedule/crontab.ts';
import type { ScheduleState } from '../../src/schedule/schedule.ts';
import { emptyRunRecord, writeRunRecord } from '../../src/state/run-record.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld, type World } from '../support/cli.ts';

/** A PC whose only scheduler is a crontab in a file, by a program of that name. */
async function crontabPc(world: World) {
  const bin = await tempFolder();
  const file = join(bin, 'kept');
  const script = `#!/bin/sh
case "$1" in
  -l) cat '${file}' 2>/dev/null || exit 1 ;;
  -r) rm '${file}' ;;
  -) cat > '${file}' ;;
esac
`;
  await writeFile(join(bin, 'crontab'), script);
  await chmod(join(bin, 'crontab'), 0o755);
  // It has what the script needs, and no systemctl.
  for (const name of ['cat', 'rm'])
    await writeFile(join(bin, name), `#!/bin/sh\nexec /bin/${name} "$@"\n`, { mode: 0o755 });
  const config = join(world.folder, 'config');
  await mkdir(join(config, 'efaktur-cloud'), { recursive: true });
  await writeFile(join(config, 'efaktur-cloud', 'toko.env'), 'EFAKTUR_FULL_EVERY=30\n');
  return { env: { PATH: bin, XDG_CONFIG_HOME: config }, file };
}

test('install, status and remove say what is there, in both languages', async () => {
  const world = await makeWorld();
  const { env, file } = await crontabPc(world);
  const run = (...args: string[]) => world.run(['schedule', ...args], { env });
  expect((await run('status')).stdout).toBe(
    'There is no schedule. `efaktur-cloud schedule install` makes one.\n',
  );
  const installed = await run('install', '--at', '17:00,7.05', '--lang', 'id');
  expect(installed.code, installed.stderr).toBe(0);
  expect(installed.stdout).toMatch(
    /^Jadwal sudah dipasang\.\n {2}jadwal +cron \(crontab\)\n {2}berjalan +setiap hari pukul 07\.05 dan 17\.00\n {2}profil +semua\n/,
  );
  expect(await readFile(file, 'utf8')).toMatch(/^5 7 \* \* \* env /m);
  expect((await run('install', '--profile', 'toko')).stdout).toMatch(
    /The schedule is changed\.\n.*every hour\n.*toko\n/s,
  );
  expect((await run('status')).stdout).toMatch(/last run +not yet\n/);
  expect((await run('remove')).stdout).toBe('The schedule is removed from cron (crontab).\n');
  expect((await run('remove')).stdout).toBe('There was no schedule.\n');
});

test('what is wrong with a schedule is exit 20, each with what to do', async () => {
  const world = await makeWorld();
  const { env, file } = await crontabPc(world);
  const job = {
    at: ['12:00'],
    command: ['/none/node', '/none/x.js', 'run', '--scheduled'],
    env: {},
    madeAt: new Date(),
  };
  await writeFile(file, encodeLines(job));
  const { code, stdout, stderr } = await world.run(['schedule', 'status'], { env });
  expect(code).toBe(20);
  expect(stdout).toContain('every day at 12:00');
  expect(stderr).toContain('the schedule calls a program that is not there: /none/node');
  expect(stderr).toContain('efaktur-cloud schedule install');
  const state = await world.json<ScheduleState>(['schedule', 'status'], { env, code: 20 });
  expect(state).toMatchObject({ outcome: 'attention', problems: [{ code: 'schedule-program' }] });
});

test.each([
  [[]],
  [['on']],
  [['install', 'now']],
  [['status', '--at', '12:00']],
  [['install', '--at', '25:00']],
  [['install', '--at', '12:00', '--store', '/x']],
  [['install', '--settings', 'x.env']],
  [['install', '--profile', 'none']],
])('schedule %j is usage, and changes nothing', async (args) => {
  const world = await makeWorld();
  const { env, file } = await crontabPc(world);
  const outcome = await world.run(['schedule', ...args, '--json'], { env });
  expect(outcome.code).toBe(2);
  expect(errorOf(outcome).code).toBe('usage');
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

test('status tells of a schedule that is broken, once no run began for a day', async () => {
  const world = await makeWorld();
  const { env, file } = await crontabPc(world);
  await world.json(['push']);
  const now = new Date('2023-07-10T12:00:00Z');
  const job = {
    at: ['12:00'],
    command: ['/none/node', '/none/x.js', 'run', '--scheduled'],
    env: {},
    madeAt: now,
  };
  await writeFile(file, encodeLines(job));
  const attention = async (lastStartedAt: string | null): Promise<string[]> => {
    await writeRunRecord(world.stateDir, { ...emptyRunRecord, lastStartedAt });
    const { stdout } = await world.run(['status', '--json'], { env, now });
    const document = JSON.parse(stdout) as { attention: readonly { code: string }[] };
    return document.attention.map((one) => one.code).filter((one) => one.startsWith('schedule'));
  };
  expect(await attention(null)).toEqual([]);
  expect(await attention('2023-07-09T13:00:00Z')).toEqual([]);
  expect(await attention('2023-07-09T11:00:00Z')).toEqual(['schedule-program']);
});
