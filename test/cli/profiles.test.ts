import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env as processEnv } from 'node:process';
import { expect, test } from 'vitest';
import { emptyRunRecord, type ProfileRecord, writeRunRecord } from '../../src/state/run-record.ts';
import { type PolicyRole, policyFor } from '../../src/sync/policies.ts';
import { makeWorld, type Outcome, type World } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { makeBucket } from '../support/minio.ts';
import { recordingProxy } from '../support/recording-proxy.ts';
import { keysFor, type SessionKeys } from '../support/s3-rights.ts';

/** A PC with profiles: nothing of its environment but the folders. */
interface Office {
  readonly world: World;
  readonly env: Readonly<Record<string, string | undefined>>;
  write(name: string, settings: Readonly<Record<string, string>>): Promise<string>;
  /** Makes an e-Faktur folder. */
  app(name: string): Promise<string>;
  run(args: readonly string[], more?: Readonly<Record<string, string>>): Promise<Outcome>;
}

async function makeOffice(): Promise<Office> {
  const world = await makeWorld(null);
  const config = join(world.folder, 'config', 'efaktur-cloud');
  await mkdir(config, { recursive: true });
  const env = {
    XDG_CONFIG_HOME: join(world.folder, 'config'),
    EFAKTUR_APP_DIR: undefined,
    EFAKTUR_STORE: undefined,
    EFAKTUR_NAME: undefined,
  };
  return {
    world,
    env,
    async write(name, settings) {
      const path = join(config, name);
      const lines = Object.entries(settings).map(([setting, value]) => `${setting}='${value}'\n`);
      await writeFile(path, lines.join(''), { mode: 0o600 });
      return path;
    },
    app: (name) => makeEfakturFolder(join(world.folder, name), { backups: [] }),
    run: (args, more = {}) => world.run(args, { env: { ...env, ...more } }),
  };
}

const keysOf = ({ accessKeyId, secretAccessKey, sessionToken }: SessionKeys): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
});

interface AllJson {
  outcome: string;
  profiles: {
    name: string;
    outcome: string;
    status: { stores: { store: string; backups: number; error?: { code: string } }[] } | null;
    attention: { code: string; message: string }[];
    error?: { code: string; message: string };
  }[];
  warnings: { code: string }[];
}

test.each(['in one process', 'built'])(
  'two profiles have two keys, and nothing of one reaches the other: %s',
  async (how) => {
    const bucket = await makeBucket();
    const { endpoint, seen } = await recordingProxy(bucket.endpoint);
    const office = await makeOffice();
    const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
      how === 'built'
        ? office.world.runBuilt(args, { env: { ...office.env, ...more } })
        : office.run(args, more);
    const scope = { bucket: bucket.bucket, locks: false } as const;
    const keysFrom = (role: PolicyRole, prefix: string) => keysFor(policyFor(role, { ...scope, prefix }));
    const [a, b] = [await keysFrom('push', 'a'), await keysFrom('push', 'b')];
    await office.write('common.env', { AWS_ENDPOINT_URL_S3: endpoint, AWS_EC2_METADATA_DISABLED: 'true' });
    for (const [name, keys] of [
      ['a', a],
      ['b', b],
    ] as const)
      await office.write(`${name}.env`, {
        EFAKTUR_APP_DIR: await office.app(`e-Faktur ${name}`),
        EFAKTUR_STORE: `s3://${bucket.bucket}/${name}`,
        ...keysOf(keys),
      });
    // Whoever stands here, and whatever the environment says: it is another bucket's.
    await writeFile(
      join(office.world.folder, '.env'),
      'EFAKTUR_STORE=/elsewhere\nEFAKTUR_IDENTITY_COMMAND=id\n',
    );
    const others = { AWS_ACCESS_KEY_ID: 'other', AWS_SECRET_ACCESS_KEY: 'other', AWS_PROFILE: 'other' };
    const before = JSON.stringify(processEnv);
    for (const name of ['a', 'b'])
      expect(await run(['push', '--profile', name, '-q'], others)).toMatchObject({ code: 0, stderr: '' });
    const all = await run(['status', '--all', '--json'], others);
    expect(JSON.parse(all.stdout) as AllJson).toMatchObject({
      profiles: [
        { name: 'a', status: { stores: [{ backups: 1 }] } },
        { name: 'b', status: { stores: [{ backups: 1 }] } },
      ],
    });
    expect(JSON.stringify(processEnv)).toBe(before);
    const askedWith = new Map<string, Set<string>>();
    for (const { url, headers } of seen) {
      const where = url.searchParams.get('prefix') ?? url.pathname.slice(bucket.bucket.length + 2);
      const key = /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? '';
      const prefix = where.slice(0, 1);
      askedWith.set(prefix, new Set([...(askedWith.get(prefix) ?? []), key]));
      expect(headers['x-amz-security-token']).toBe(prefix === 'a' ? a.sessionToken : b.sessionToken);
    }
    expect(askedWith).toEqual(
      new Map([
        ['a', new Set([a.accessKeyId])],
        ['b', new Set([b.accessKeyId])],
      ]),
    );
  },
);

test('keys of the upper file are taken whole, those of common.env where it has none', async () => {
  const bucket = await makeBucket();
  const office = await makeOffice();
  const place = (prefix: string) => ({ EFAKTUR_STORE: `s3://${bucket.bucket}/${prefix}` });
  const scope = { bucket: bucket.bucket, locks: false } as const;
  const shared = await keysFor(policyFor('pull', { ...scope, prefix: 'shared' }));
  await office.write('common.env', { AWS_ENDPOINT_URL_S3: bucket.endpoint, ...keysOf(shared) });
  await office.write('shared.env', place('shared'));
  await office.write('closed.env', place('other'));
  // Keys that last have no token: with the one of common.env they would be none.
  const { accessKeyId, secretAccessKey } = bucket;
  const own = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  await office.write('own.env', { ...place('own'), ...own });
  const half = await office.write('half.env', { ...place('shared'), AWS_ACCESS_KEY_ID: accessKeyId });
  const { profiles } = JSON.parse((await office.run(['status', '--all', '--json'])).stdout) as AllJson;
  expect(
    profiles.map(({ name, status, error }) => [name, error?.code ?? status?.stores[0]?.error?.code]),
  ).toEqual([
    ['closed', 'access-denied'],
    ['half', 'usage'],
    ['own', undefined],
    ['shared', undefined],
  ]);
  expect(profiles[1]?.error?.message).toBe(`${half} sets half a key: AWS_SECRET_ACCESS_KEY is missing`);
});

test('every profile is a line, whatever is wrong with one; what two share is told', async () => {
  const office = await makeOffice();
  const { world } = office;
  const place = (name: string) => ({ EFAKTUR_STORE: join(world.folder, 'stores', name) });
  await mkdir(join(world.folder, 'stores'));
  const app = await office.app('e-Faktur a');
  await office.write('common.env', { EFAKTUR_TIMEZONE: 'Asia/Jakarta' });
  await office.write('PT A.env', { EFAKTUR_APP_DIR: app, ...place('a') });
  await office.write('PT B.env', { EFAKTUR_APP_DIR: app, ...place('b') });
  await office.write('PT C.env', {
    EFAKTUR_APP_DIR: await office.app('e-Faktur c'),
    EFAKTUR_STORE: '/nas/gone/c',
  });
  await office.write('PT D.env', { EFAKTUR_STOER: '/d' });
  await office.write('PT E.env.txt', place('e'));
  await office.write('PT F.env', { EFAKTUR_APP_DIR: await office.app('e-Faktur f'), ...place('f') });
  for (const name of ['PT A', 'pt f']) {
    expect(await office.run(['push', '--profile', name, '-q'])).toMatchObject({ code: 0 });
    const proven = await office.run(['verify', '--read-data', '--profile', name, '-q']);
    expect(proven).toMatchObject({ code: 0 });
  }
  const all = await office.run(['status', '--all', '--json']);
  expect(all.code).toBe(20);
  const { profiles } = JSON.parse(all.stdout) as AllJson;
  expect(
    profiles.map(({ name, outcome, attention, status, error }) => [
      name,
      outcome,
      error?.code ?? status?.stores[0]?.error?.code ?? null,
      attention.map(({ code }) => code),
    ]),
  ).toEqual([
    ['PT A', 'attention', null, ['shared-place']],
    ['PT B', 'attention', null, ['shared-place']],
    ['PT C', 'attention', 'store-unavailable', []],
    ['PT D', 'attention', 'usage', []],
    ['PT E', 'attention', 'usage', []],
    ['PT F', 'ok', null, []],
  ]);
  expect(profiles[3]?.error?.message).toContain('EFAKTUR_STOER');
  expect(profiles[4]?.error?.message).toContain('PT E.env');
  const shown = await office.run(['status', '--all', '--lang', 'id']);
  expect(shown.stdout).toMatch(/^PT F .* aman$/m);
  expect(shown.stdout).toMatch(/^PT C .* tidak terjangkau$/m);
  expect(shown.stdout).toMatch(/^PT D .* pengaturan salah$/m);
  expect(shown.stderr).toContain('5 dari 6 profil perlu perhatian: PT A, PT B, PT C, PT D, PT E');
  expect(shown.stderr.trim().split('\n')).toHaveLength(2);
  const verbose = await office.run(['status', '--all', '-v']);
  expect(verbose.stderr).toContain(`PT A: the e-Faktur folder ${app} is also that of PT B`);

  const ran = await office.run(['run', '--json']);
  const ofB = JSON.parse(ran.stdout).profiles.find((one: { profile: string }) => one.profile === 'PT B');
  expect(ofB.warnings).toContainEqual(
    expect.objectContaining({
      code: 'shared-place',
      message: `the e-Faktur folder ${app} is also that of PT A`,
    }),
  );

  // No store is asked.
  await rm(join(world.folder, 'stores'), { recursive: true });
  const listed = await office.run(['profiles', '--json']);
  expect(listed.code).toBe(2);
  const document = JSON.parse(listed.stdout);
  expect(
    document.profiles.map((one: { name: string; lastRun: { outcome: string; code: string } }) => [
      one.name,
      one.lastRun.outcome,
      one.lastRun.code,
    ]),
  ).toEqual([
    ['PT A', 'ok', null],
    ['PT B', 'ok', null],
    ['PT C', 'failed', 'store-unavailable'],
    ['PT D', 'failed', 'usage'],
    ['PT E', 'failed', 'usage'],
    ['PT F', 'ok', null],
  ]);
  expect(document.profiles[0]).toMatchObject({ appFolder: app, stores: [join(world.folder, 'stores', 'a')] });
  expect(document.profiles[4].error.hint).toContain('PT E.env.txt');
});

test('profiles tells how the last run ended', async () => {
  const office = await makeOffice();
  await office.write('PT A.env', { EFAKTUR_APP_DIR: '/e-faktur', EFAKTUR_STORE: '/nas/a' });
  const record: ProfileRecord = {
    number: 1,
    lastRunAt: '2026-11-27T01:00:00Z',
    outcome: 'failed',
    code: 'store-unavailable',
    exitCode: 10,
    since: '2026-11-26T01:00:00Z',
    lastPushOkAt: '2026-11-25T01:00:00Z',
    lastVerifyOkAt: null,
    lastPruneOkAt: null,
    verified: {},
    pruneTriedOn: null,
    standing: { verify: null, prune: null },
    newestBackupAt: '2026-11-25T00:59:00Z',
    appFolder: '/e-faktur',
    stores: ['/nas/a'],
    seen: null,
    told: [],
  };
  await writeRunRecord(office.world.stateDir, { ...emptyRunRecord, profiles: { 'PT A': record } });
  const shown = await office.run(['profiles']);
  expect(shown.stdout.split('\n')[1]).toBe(
    'PT A     /e-faktur        /nas/a  2026-11-27 08:00  failed (store-unavailable, exit 10)',
  );
  const { profiles } = JSON.parse((await office.run(['profiles', '--json'])).stdout);
  expect(profiles).toMatchObject([
    {
      name: 'PT A',
      lastRun: {
        at: '2026-11-27T08:00:00+07:00',
        outcome: 'failed',
        code: 'store-unavailable',
        exitCode: 10,
        lastPushOkAt: '2026-11-25T08:00:00+07:00',
        lastVerifyOkAt: null,
      },
      attention: [],
    },
  ]);
});

test('what was not chosen is named where it is missed', async () => {
  const office = await makeOffice();
  const none = await office.run(['status', '--all']);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there are no profiles in')]);
  expect(await office.run(['profiles'])).toMatchObject({ code: 0, stderr: '' });
  await office.write('PT A.env', { EFAKTUR_STORE: '/a' });
  await office.write('PT B.env', { EFAKTUR_STORE: '/b' });
  for (const args of [['list'], ['push'], ['verify']]) {
    const run = await office.run(args);
    expect([run.code === 2 || run.code === 3, run.stderr], args[0]).toEqual([
      true,
      expect.stringContaining('--profile (PT A, PT B)'),
    ]);
  }
  const both = await office.run(['list', '--profile', 'PT A', '--settings', '/x.env']);
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('Give --profile or --settings.')]);
  const wrong = await office.run(['list', '--profile', 'PT C']);
  expect(wrong.stderr).toContain('Did you mean PT A?');
  expect(await readdir(office.world.folder)).toContain('config');
});
