import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeAgent, launchdScheduler, parseAgent } from '../../src/schedule/launchd.ts';
import type { Ask } from '../../src/schedule/system-calls.ts';
import type { Surroundings } from '../../src/settings/surroundings.ts';
import { tempFolder } from '../base/temp-folder.ts';

const run = promisify(execFile);

const agent = {
  at: ['07:05', '17:00'],
  command: ['/opt/homebrew/bin/node', '/Users/René/a & <b>/start.js', 'run', '--scheduled'],
  env: { XDG_CONFIG_HOME: '/Users/René/"c" & d' },
};

test('a property list library reads what is meant', async () => {
  const folder = await tempFolder();
  const read = async (one: Parameters<typeof encodeAgent>[0]): Promise<unknown> => {
    const path = join(folder, 'a.plist');
    await writeFile(path, encodeAgent(one));
    const code = 'import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
    return JSON.parse((await run('python3', ['-c', code, path])).stdout);
  };
  const always = { Label: 'efaktur-cloud', RunAtLoad: true, ProcessType: 'Background' };
  expect(await read(agent)).toEqual({
    ...always,
    ProgramArguments: agent.command,
    EnvironmentVariables: agent.env,
    StartCalendarInterval: [
      { Hour: 7, Minute: 5 },
      { Hour: 17, Minute: 0 },
    ],
  });
  expect(await read({ ...agent, at: 'hourly', env: {} })).toEqual({
    ...always,
    ProgramArguments: agent.command,
    EnvironmentVariables: {},
    StartCalendarInterval: [{ Minute: 0 }],
  });
});

test('any command, variables and times come back', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', '&', '<', '>', ';', 'é', '%', '\\') });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1 }),
      word,
      fc.constantFrom('hourly' as const, ['00:00'], agent.at),
      (command, home, at) => {
        const one = { at, command, env: { HOME: home } };
        expect(parseAgent(encodeAgent(one))).toEqual(one);
      },
    ),
  );
  expect(parseAgent('bplist00')).toEqual({ at: null, command: null, env: {} });
});

/** A Mac whose launchctl takes what these domains are asked for. */
async function mac(domains: readonly string[]) {
  const homeFolder = await tempFolder();
  const loaded = new Set<string>();
  const asked: string[] = [];
  const ask: Ask = async (program, args) => {
    asked.push([program, ...args].join(' '));
    const [verb, domain = ''] = args;
    const answer = (code: number, said = '') => ({
      code,
      stdout: Buffer.from(said),
      stderr: Buffer.from(code === 0 ? '' : said),
    });
    if (verb === 'bootstrap') {
      if (!domains.includes(domain))
        return answer(125, 'Bootstrap failed: 125: Domain does not support specified action\n');
      loaded.add(domain);
    }
    if (verb === 'bootout') loaded.delete(domain.replace('/efaktur-cloud', ''));
    if (verb === 'list')
      return loaded.size > 0
        ? answer(0, '{\n\t"LastExitStatus" = 5120;\n};\n')
        : answer(113, 'Could not find service\n');
    return answer(0);
  };
  const around: Surroundings = {
    env: {},
    currentFolder: homeFolder,
    homeFolder,
    hostName: 'mac',
    platform: 'darwin',
    systemZone: 'Asia/Jakarta',
    systemLocale: 'C',
  };
  const place = join(homeFolder, 'Library', 'LaunchAgents', 'efaktur-cloud.plist');
  return { scheduler: launchdScheduler(ask, around), asked, loaded, place };
}

const { uid } = userInfo();
const wanted = { ...agent, now: new Date(), zone: 'Asia/Jakarta' };

test('an agent is loaded for the user at the screen, read back and removed', async () => {
  const { scheduler, asked, loaded, place } = await mac([`gui/${uid}`]);
  expect(await scheduler.read()).toBeNull();
  expect(await scheduler.remove()).toBeNull();
  expect(await scheduler.install(wanted)).toEqual({ place, warnings: [] });
  expect(asked).toContain(`/bin/launchctl bootstrap gui/${uid} ${place}`);
  expect(await scheduler.read()).toMatchObject({
    ...agent,
    place,
    isEnabled: true,
    isAsMade: true,
    lastResult: 20,
  });
  await writeFile(place, (await readFile(place, 'utf8')).replace('<true/>', '<false/>'));
  expect(await scheduler.read()).toMatchObject({ isAsMade: false });
  expect(await scheduler.remove()).toBe(place);
  expect([...loaded]).toEqual([]);
  expect(await scheduler.read()).toBeNull();
});

test('where nobody is logged on at the screen it is the user alone', async () => {
  const { scheduler, loaded } = await mac([`user/${uid}`]);
  expect(await scheduler.install(wanted)).toHaveProperty('place');
  expect([...loaded]).toEqual([`user/${uid}`]);
});

test('an agent that is there already is not loaded again, as that would end a run', async () => {
  const { scheduler, asked } = await mac([`gui/${uid}`]);
  await scheduler.install(wanted);
  const before = asked.length;
  await scheduler.install(wanted);
  expect(asked.slice(before)).toEqual(['/bin/launchctl list efaktur-cloud']);
});

test('what launchd refuses is told, and what was there before stays', async () => {
  const { scheduler, place } = await mac([]);
  await mkdir(join(place, '..'), { recursive: true });
  await writeFile(place, 'before');
  expect(await scheduler.install(wanted)).toMatchObject({
    because: { en: 'Bootstrap failed: 125: Domain does not support specified action' },
  });
  expect(await readFile(place, 'utf8')).toBe('before');
});
