import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { storeBelow } from '../../src/store/below.ts';
import { openStore } from '../../src/store/open.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeWorld, type Outcome, runBuilt, runHere, type World } from '../support/cli.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { readMetrics } from '../support/prometheus.ts';
import { recordingProxy } from '../support/recording-proxy.ts';
import { keysFor, withKeys } from '../support/s3-rights.ts';
import { putArchive, putBackup, putManifest, tagOf } from '../support/stored-backups.ts';

interface FleetJson {
  outcome: string;
  store: string;
  prefixes: {
    prefix: string;
    outcome: string;
    backups: number;
    storedBytes: number;
    newest: { id: string; computer: string | null; source: string | null; ageHours: number } | null;
    newestProven: { provenOn: string } | null;
    computers: { name: string }[];
    attention: { code: string; message: string }[];
    warnings: { code: string }[];
  }[];
}

const now = new Date();
const daysAgo = (days: number): Date => new Date(Math.floor(now.getTime() / 1000) * 1000 - days * 86_400_000);

const atRoot = (bucket: TestBucket): Promise<ObjectStore> =>
  openStore(bucket.url, { env: process.env, currentFolder: '/' });
const below = async (bucket: TestBucket, prefix: string): Promise<ObjectStore> =>
  storeBelow(await atRoot(bucket), `${prefix}/`, prefix);

const putOrigin = (store: ObjectStore, name: string, time: string): Promise<unknown> =>
  store.put(`origin/${time}-${name}.json`, bytesBody(Buffer.from(`{"format":1,"name":"${name}"}`)));

function parsed(outcome: Outcome): FleetJson {
  if (outcome.stdout === '') throw new Error(`no document: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout) as FleetJson;
}
const codesOf = ({ prefixes }: FleetJson): Record<string, string[]> =>
  Object.fromEntries(prefixes.map(({ prefix, attention }) => [prefix, attention.map(({ code }) => code)]));

test.each([{ versioning: false }, { versioning: true }])(
  'one pass over the names and one manifest of each prefix, %o',
  async (options) => {
    const bucket = await makeBucket(options);
    const [prefixes, backups] = [6, 60];
    let keys = 0;
    for (let p = 0; p < prefixes; p++) {
      const store = await below(bucket, `klien/pt-${p}`);
      await putOrigin(store, `pc-${p}`, '20230101T000000Z');
      const states = Array.from({ length: backups }, (_, b) => b);
      await Promise.all(states.map((b) => putBackup(store, daysAgo(b), tagOf(p * 1000 + b))));
      keys += 1 + 3 * backups;
    }
    await bucket.client.send(
      new PutObjectCommand({ Bucket: bucket.bucket, Key: 'foto/2023-07-08/a.json', Body: '' }),
    );
    const { endpoint, seen } = await recordingProxy(bucket.endpoint);
    const run = await runHere(['status', '--fleet', `s3://${bucket.bucket}?endpoint=${endpoint}`, '--json']);
    const { prefixes: shown } = parsed(run);
    expect(shown).toHaveLength(prefixes);
    expect(shown[0]).toMatchObject({ prefix: 'klien/pt-0', backups, newest: { source: 'login-backup' } });
    const lists = seen.filter(({ url }) => url.pathname.split('/').length <= 3 && url.search !== '');
    expect(lists).toHaveLength(Math.ceil((keys + 1) / 1000));
    const gets = seen.filter((one) => !lists.includes(one));
    expect(
      gets.map(({ method, url }) => `${method} ${/klien\/pt-\d+/.exec(url.pathname)?.[0]}`).sort(),
    ).toEqual(shown.map(({ prefix }) => `GET ${prefix}`).sort());
    expect(gets.every(({ url }) => url.pathname.endsWith('.json'))).toBe(true);
  },
);

test('who is late, not verified, damaged or smaller than before is told; the others are safe', async () => {
  const bucket = await makeBucket();
  const fresh = await below(bucket, 'fresh');
  await putOrigin(fresh, 'pc', '20230101T000000Z');
  await putBackup(fresh, daysAgo(1), tagOf(1));
  const late = await below(bucket, 'late');
  await putOrigin(late, 'pc', '20230101T000000Z');
  await putBackup(late, daysAgo(9), tagOf(2));
  const empty = await below(bucket, 'empty');
  await putOrigin(empty, 'pc', '20230101T000000Z');
  const lost = await below(bucket, 'lost');
  const gone = await putArchive(lost, daysAgo(2), tagOf(3));
  await putManifest(lost, daysAgo(2), gone);
  await lost.delete(gone.key);
  await putBackup(lost, daysAgo(1), tagOf(4));
  const smaller = await below(bucket, 'smaller');
  for (const [days, size] of [
    [3, 300_000],
    [1, 100_000],
  ] as const) {
    const archive = await putArchive(smaller, daysAgo(days), tagOf(10 + days));
    await smaller.put(archive.key, bytesBody(Buffer.alloc(size)));
    await putManifest(smaller, daysAgo(days), archive);
  }
  await putBackup(await atRoot(bucket), daysAgo(1), tagOf(20));

  const metrics = join(await tempFolder(), 'fleet.prom');
  const args = ['status', '--fleet', bucket.url];
  const run = await runHere([...args, '--json', '--metrics', metrics]);
  expect(run.code).toBe(20);
  expect(codesOf(parsed(run))).toEqual({
    '': [],
    empty: ['no-backup'],
    fresh: [],
    late: ['old-backup'],
    lost: ['damaged'],
    smaller: ['shrinking'],
  });
  expect(JSON.parse(run.stderr).error).toMatchObject({
    code: 'attention',
    message: '4 of 6 prefixes need attention: empty, late, lost, smaller',
  });

  const read = readMetrics(await readFile(metrics, 'utf8'));
  const store = `s3://${bucket.bucket}`;
  expect(read.get('efaktur_cloud_fleet_up')).toEqual([{ labels: { store }, value: 1 }]);
  expect(read.get('efaktur_cloud_attention')?.map(({ labels, value }) => [labels.prefix, value])).toEqual([
    ['', 0],
    ['empty', 1],
    ['fresh', 0],
    ['late', 1],
    ['lost', 1],
    ['smaller', 1],
  ]);
  expect(read.get('efaktur_cloud_finding')).toContainEqual({
    labels: { store, prefix: 'late', code: 'old-backup' },
    value: 1,
  });
  const newest = read.get('efaktur_cloud_newest_backup_timestamp_seconds');
  expect(newest?.find(({ labels }) => labels.prefix === 'late')?.value).toBe(daysAgo(9).getTime() / 1000);
  expect(read.get('efaktur_cloud_newest_full_bytes')?.at(-1)?.value).toBe(100_000);

  // What is no longer asked for is shown all the same; a name that is none is told.
  const settled = ['empty', 'late/', 'lost', 'smaller'].flatMap((prefix) => ['--except', prefix]);
  const calm = await runHere([...args, ...settled]);
  expect([calm.code, calm.stderr]).toEqual([0, '']);
  expect(calm.stdout.split('\n').find((line) => line.startsWith('late'))).toMatch(/ left out$/);
  const wrong = await runHere([...args, '--except', 'lat']);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean late?')]);
  const inIndonesian = await runHere([...args, '--lang', 'id']);
  expect(inIndonesian.stdout).toMatch(/^late .* terlambat$/m);
  expect(inIndonesian.stdout).toMatch(/^fresh .* belum diverifikasi$/m);
  expect(inIndonesian.stderr).toContain('4 dari 6 prefix perlu perhatian');
});

test('two computers at one history show up as that, a new PC does not', async () => {
  const bucket = await makeBucket();
  const stamp = (at: Date): string => `${at.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
  // What `putManifest` names as its origin.
  const first = '20230101T000000Z';
  const moved = await below(bucket, 'moved');
  await putOrigin(moved, 'pc', first);
  await putBackup(moved, daysAgo(3), tagOf(1));
  await putOrigin(moved, 'pc-baru', stamp(daysAgo(2)));
  const both = await below(bucket, 'both');
  await putOrigin(both, 'pc', first);
  await putOrigin(both, 'gudang', stamp(daysAgo(3)));
  await putBackup(both, daysAgo(1), tagOf(2));
  const turns = await below(bucket, 'turns');
  await putOrigin(turns, 'pc', first);
  await putOrigin(turns, 'gudang', stamp(daysAgo(5)));
  await putOrigin(turns, 'pc', stamp(daysAgo(4)));
  await putBackup(turns, daysAgo(6), tagOf(3));
  const settled = await below(bucket, 'settled');
  await putOrigin(settled, 'pc', '20230101T000000Z');
  await putOrigin(settled, 'gudang', '20230102T000000Z');
  await putOrigin(settled, 'pc', '20230103T000000Z');
  await putBackup(settled, daysAgo(1), tagOf(4));

  const run = await runHere(['status', '--fleet', bucket.url, '--json', '--max-age', '30']);
  const document = parsed(run);
  expect(codesOf(document)).toEqual({
    both: ['two-computers'],
    moved: [],
    settled: [],
    turns: ['two-computers'],
  });
  expect(
    document.prefixes.map(({ prefix, computers }) => [prefix, computers.map(({ name }) => name)]),
  ).toEqual([
    ['both', ['pc', 'gudang']],
    ['moved', ['pc', 'pc-baru']],
    ['settled', ['pc', 'gudang', 'pc']],
    ['turns', ['pc', 'gudang', 'pc']],
  ]);
  expect(document.prefixes[0]?.newest?.computer).toBe('pc');
});

test('works with the fleet key alone, which reads no archive and writes nothing', async () => {
  const bucket = await makeBucket({ versioning: true });
  const world: World = await makeWorld();
  const one = `s3://${bucket.bucket}/klien/pt-a?endpoint=${bucket.endpoint}`;
  await world.json(['push'], { env: { EFAKTUR_STORE: one } });
  const printed = await world.run(['doctor', '--print-policy', 'fleet', '--store', bucket.url]);
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  const keys = await keysFor(JSON.parse(printed.stdout));
  await withKeys(keys, async () => {
    const run = await runHere(['status', '--fleet', bucket.url, '--json']);
    const [shown] = parsed(run).prefixes;
    expect(shown).toMatchObject({
      prefix: 'klien/pt-a',
      outcome: 'ok',
      newest: { computer: 'pc-kasir', source: 'cold' },
      warnings: [],
    });
    const store = await atRoot(bucket);
    const keysOf: string[] = [];
    for await (const page of store.list('')) keysOf.push(...page.objects.map(({ key }) => key));
    const denied = expect.objectContaining({ code: 'access-denied' });
    for (const key of keysOf) {
      const isNote = /\/origin\/|\/\d{4}-\d\d-\d\d\/.*\.json$/.test(key);
      if (!isNote) await expect(store.get(key), key).rejects.toEqual(denied);
      await expect(store.delete(key), key).rejects.toEqual(denied);
    }
    await expect(store.put('x', bytesBody(Buffer.from('x')))).rejects.toEqual(denied);
  });
  // A key for names alone still shows what they say.
  const names = { Version: '2012-10-17', Statement: [JSON.parse(printed.stdout).Statement[0]] } as const;
  await withKeys(await keysFor(names as never), async () => {
    const [shown] = parsed(await runHere(['status', '--fleet', bucket.url, '--json'])).prefixes;
    expect(shown).toMatchObject({ outcome: 'ok', newest: { computer: null } });
    expect(shown?.warnings).toMatchObject([{ code: 'access-denied' }]);
  });
});

test('a folder of folders is a fleet, too, and the built program shows nothing but what lies in it', async () => {
  const world = await makeWorld();
  const root = join(world.folder, 'NAS');
  await mkdir(join(root, 'klien'), { recursive: true });
  for (const name of ['klien/PT A', 'klien/CV B'])
    await world.json(['push', '--source', 'backup'], { env: { EFAKTUR_STORE: join(root, name) } });
  await writeFile(join(root, 'catatan.txt'), 'x');
  const metrics = join(world.folder, 'm.prom');
  const run = await runBuilt(['status', '--fleet', root, '--json', '--metrics', metrics], {
    env: { ...world.env, EFAKTUR_STORE: undefined, EFAKTUR_APP_DIR: undefined },
  });
  expect(run.code).toBe(20);
  const document = parsed(run);
  expect(codesOf(document)).toEqual({ 'klien/CV B': ['old-backup'], 'klien/PT A': ['old-backup'] });
  expect(document.prefixes[0]).toMatchObject({ backups: 1, newest: { computer: 'pc-kasir' } });
  const text = await readFile(metrics, 'utf8');
  readMetrics(text);
  for (const shown of [run.stdout, text]) expect(shown).not.toContain(world.app);
  expect((await readdir(world.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a store that cannot be listed is told in the metrics, not left as it was', async () => {
  const folder = await tempFolder();
  const metrics = join(folder, 'm.prom');
  await writeFile(metrics, 'efaktur_cloud_attention{prefix="pt"} 0\n');
  const run = await runHere(['status', '--fleet', join(folder, 'gone', 'store'), '--metrics', metrics]);
  expect(run.code).toBe(10);
  const read = readMetrics(await readFile(metrics, 'utf8'));
  expect([...read.keys()]).toEqual([
    'efaktur_cloud_fleet_up',
    'efaktur_cloud_fleet_checked_timestamp_seconds',
  ]);
  expect(read.get('efaktur_cloud_fleet_up')?.[0]?.value).toBe(0);
  // There is one, and nothing in it.
  const none = await runHere(['status', '--fleet', join(folder, 'none'), '--metrics', metrics]);
  expect([none.code, none.stderr]).toEqual([20, expect.stringContaining('nothing of efaktur-cloud lies in')]);
});

test.each([
  [['--fleet', '/x', '--store', '/y'], '--fleet and --store'],
  [['--all', '--app', '/x'], '--all and --app'],
  [['--all', '--fleet', '/x'], '--all and --fleet'],
  [['--metrics', '/tmp/x.prom'], '--metrics belongs to --fleet'],
  [['--except', 'pt-a'], '--except belongs to --fleet'],
])('%o do not go together', async (flags, words) => {
  const run = await runHere(['status', ...flags]);
  expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(words)]);
});
